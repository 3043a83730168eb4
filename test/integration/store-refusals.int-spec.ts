import { readdirSync } from 'node:fs';
import { Database, Records } from '@longhaul/records';
import { claimed, completion, freshRecords, newJob } from '../support/records';
import { runnerOver } from '../support/runner';

const ROUNDS = 40;
const AT_ONCE = 12;

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 10 }], 10);
});
afterEach(() => records.close());

const anew = (): Records =>
  new Records(new Database({ url: records.database.url, poolSize: AT_ONCE, callMs: 1500 }));

describe('sessions that an operator or a failover ends', () => {
  it('end no process, whatever their connection was about to do', async () => {
    const hit = anew();
    let isOver = false;
    let answered = 0;
    // An unheard error of a connection would end the process, and with it every call that it has in flight.
    const unheard: unknown[] = [];
    const note = (thrown: unknown): void => void unheard.push(thrown);
    process.on('uncaughtException', note);
    const ask = async (): Promise<void> => {
      while (!isOver) {
        await hit.leases.clock().then(
          () => (answered += 1),
          (thrown: unknown) => expect(thrown).toMatchObject({ code: 'store_unavailable' }),
        );
      }
    };
    const asking = Array.from({ length: AT_ONCE }, ask);
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = answered;
      await records.database.ask(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        [],
      );
      while (answered < before + AT_ONCE) await new Promise(setImmediate);
    }
    isOver = true;
    await Promise.all(asking);
    process.off('uncaughtException', note);
    await hit.close();
    expect(unheard).toEqual([]);
  });
});

describe('an end that PostgreSQL does not take now', () => {
  it('is written when it does: nothing that is paid for is set aside', async () => {
    const [row] = await records.database.ask<{ name: string }>('SELECT current_database() AS name', []);
    await records.database.ask(`ALTER DATABASE "${row?.name ?? ''}" SET lock_timeout = '100ms'`, []);
    const impatient = anew();
    let onWaits: () => void;
    const waits = new Promise<void>((resolve) => (onWaits = resolve));
    const log = {
      info: () => undefined,
      error: () => undefined,
      warn: (message: string) => {
        if (message.includes('waits for PostgreSQL')) onWaits();
      },
    };
    const { settler, spoolFolder } = await runnerOver(impatient, { log });
    const job = await claimed(records, (await records.accepts.accept(newJob())).row.id);
    const admin = await records.database.pool.connect();
    await admin.query('BEGIN');
    await admin.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [job.id]);
    const settled = settler.settle(completion(job), job);
    await waits;
    await admin.query('COMMIT');
    admin.release();
    await settled;
    expect(await records.jobs.read(job.id)).toMatchObject({ status: 'completed', deaths: 0 });
    expect(readdirSync(spoolFolder).filter((file) => file.endsWith('.refused'))).toEqual([]);
    await impatient.close();
  });
});
