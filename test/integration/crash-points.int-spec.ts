import { CrashMode, CrashSwitch } from '@longhaul/contract';
import { Database, Records } from '@longhaul/records';
import { until } from '../support/longhaul';
import { claim, claimed, freshRecords, newJob } from '../support/records';

jest.setTimeout(60_000);

const opened: Records[] = [];
afterEach(() => Promise.all(opened.splice(0).map((records) => records.close())));

/** Another process on the same database, armed at that point; `done` is what its switch has done. */
function armed(here: Records, point: string, mode: CrashMode): { there: Records; done: string[] } {
  const done: string[] = [];
  const effects = { say: () => undefined, signal: (name: string) => done.push(name) };
  const crash = new CrashSwitch({ point, mode, visit: 1 }, effects);
  const there = new Records(new Database({ url: here.database.url, poolSize: 4, callMs: 10_000, crash }));
  opened.push(there);
  return { there, done };
}

const AWAY = { code: 'store_unavailable' };

describe('a process that is armed at a statement', () => {
  it('hears no answer, once, to what is done all the same', async () => {
    const here = await freshRecords();
    const { row } = await here.accepts.accept(newJob());
    const { there } = armed(here, 'after:cancel', 'timeout');
    await expect(there.jobs.cancel(row.id, 'local')).rejects.toMatchObject(AWAY);
    expect((await here.jobs.read(row.id))?.status).toBe('cancelled');
    await expect(there.jobs.cancel(row.id, 'local')).resolves.toBeDefined();
  });

  it('leaves before the statement, or after it', async () => {
    const here = await freshRecords();
    await here.lanes.declare([{ name: 'one', cap: 3 }], 10);
    for (const point of ['before:claim_together', 'after:claim_together']) {
      const { row } = await here.accepts.accept(newJob());
      const { there, done } = armed(here, point, 'stop');
      await claim(there, row.id);
      expect(done).toEqual(['SIGSTOP']);
    }
  });

  it('passes by a statement that has nothing to do', async () => {
    const here = await freshRecords();
    const lease = { worker: 'w1', leaseMs: 10_000 };
    const renewing = armed(here, 'before:renew', 'kill');
    await renewing.there.leases.renew([], lease);
    expect(renewing.done).toEqual([]);
    const freeing = armed(here, 'after:free_dead', 'kill');
    await freeing.there.leases.freeDead(new Date(Date.now() + 60_000));
    expect(freeing.done).toEqual([]);
    await here.lanes.declare([{ name: 'one', cap: 3 }], 10);
    const { row } = await here.accepts.accept(newJob());
    const { id: jobId, fence } = await claimed(here, row.id);
    await renewing.there.leases.renew([{ jobId, fence }], lease);
    expect(renewing.done).toEqual(['SIGKILL']);
  });

  it('hears no answer to a feed whose marks are made, or leaves while they are not yet', async () => {
    const here = await freshRecords();
    await here.lanes.declare([{ name: 'one', cap: 3 }], 10);
    const { row } = await here.accepts.accept(newJob());
    const within = armed(here, 'within:feed', 'kill');
    const after = armed(here, 'after:feed', 'timeout');
    await within.there.feed.feed('two');
    expect(within.done).toEqual([]);
    await expect(after.there.feed.feed('one')).rejects.toMatchObject(AWAY);
    // Its ticket is out, so there is nothing to mark.
    expect(await here.feed.feed('one')).toMatchObject({ fed: true, rung: [] });
    await here.feed.unring([{ jobId: row.id, ring: 1 }]);
    await within.there.feed.feed('one');
    expect(within.done).toEqual(['SIGKILL']);
  });
});

describe('a process that stands still in the middle of a transaction', () => {
  it('loses it after a while, so that nobody waits for its locks', async () => {
    const here = await freshRecords();
    const frozen = new Database({ url: here.database.url, poolSize: 1, callMs: 300 });
    const client = await frozen.pool.connect();
    client.on('error', () => undefined);
    await client.query('BEGIN; SELECT pg_advisory_xact_lock(1)');
    await until('the lock is free', async () => {
      const [row] = await here.database.ask<{ ok: boolean }>('SELECT pg_try_advisory_xact_lock(1) AS ok', []);
      return row?.ok === true;
    });
    client.release(true);
    await frozen.close();
  });
});
