import { GatewayError } from '@longhaul/contract';
import { Records } from '@longhaul/records';
import { freshRecords, newJob } from '../support/records';

/** What a full disk itself does to all of it is shown by `npm run test:faults -- --scenario postgres-full`. */
describe('a statement that the server refuses for a reason of its own', () => {
  let records: Records;

  beforeAll(async () => {
    records = await freshRecords();
  });

  const raise = (code: string) =>
    records.database.ask(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${code}'; END $$`, []);
  const backend = async () =>
    (await records.database.ask<{ pid: number }>('SELECT pg_backend_pid() AS pid', []))[0]?.pid;

  it.each(['53100', '53200', '57P01', '57P02', '57P03', '58030'])(
    'is store_unavailable and no failure of a job: SQLSTATE %s',
    async (code) => {
      await expect(raise(code)).rejects.toMatchObject({
        code: 'store_unavailable',
      } satisfies Partial<GatewayError>);
    },
  );

  it('says that the disk is full, and keeps its connection', async () => {
    const before = await backend();
    await expect(raise('53100')).rejects.toThrow('PostgreSQL has no room left on its disk');
    expect(await backend()).toBe(before);
  });

  it('gives up a connection whose server says that it goes', async () => {
    const before = await backend();
    await expect(raise('57P01')).rejects.toThrow('PostgreSQL does not answer');
    expect(await backend()).not.toBe(before);
  });

  it('says so of a list of jobs too, of which nobody knows more', async () => {
    await records.database.ask(
      `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$`,
      [],
    );
    await records.database.ask('CREATE TRIGGER no_room BEFORE INSERT ON jobs EXECUTE FUNCTION no_room()', []);
    await expect(records.bulkAccepts.accept([newJob(), newJob()])).rejects.toThrow(
      'PostgreSQL has no room left on its disk. Whether these jobs are stored is not known',
    );
    await records.database.ask('DROP TRIGGER no_room ON jobs', []);
  });

  it('is asked for room by a file that the server has to write', async () => {
    expect(await records.leases.refusal()).toBeNull();
    const [row] = await records.database.ask<{ name: string }>('SELECT current_database() AS name', []);
    await records.database.ask(`ALTER DATABASE "${row?.name ?? ''}" SET temp_file_limit = '8kB'`, []);
    // The next connection knows of it.
    await expect(raise('57P01')).rejects.toThrow();
    await expect(records.leases.refusal()).rejects.toMatchObject({ cause: { code: '53400' } });
  });
});
