import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ticketOf } from '@longhaul/queue';
import { Database, migrateToLatest, Records } from '@longhaul/records';
import { newJob, soon } from '../support/records';
import { runnerOver, RunnerRig } from '../support/runner';
import { putUpSignpost, Signpost } from '../support/signpost';
import { PostgresServer, startPostgres } from '../support/stores';

jest.setTimeout(120_000);

const CALL_MS = 1_500;
const LEASE_MS = 2_000;
const LONG_LEASE_MS = 40_000;
/** No measure: a slow machine takes its time. */
const PATIENCE_MS = 30_000;

const AWAY = { code: 'store_unavailable' };
const GIVEN_BACK = { ...{ status: 'in_progress', phase: 'waiting', leaseOwner: null }, deaths: 0, ring: 2 };
const NOT_SENT = { status: 'abandoned', call: 'not_sent', cost_usd: 0 };

describe('a claim whose answer does not come', () => {
  let server: PostgresServer;
  let way: Signpost;
  /** By a way of the test's own. */
  let direct: Records;
  /** The worker's. */
  let records: Records;

  beforeAll(async () => {
    server = await startPostgres();
    await migrateToLatest(server.url);
    direct = new Records(new Database({ url: server.url, poolSize: 4, callMs: 60_000 }));
    await direct.lanes.declare([{ name: 'one', cap: 3 }], 10);
  });

  beforeEach(async () => {
    way = await putUpSignpost(server.url);
  });

  afterEach(async () => {
    await records.close();
    await way.close();
  });

  afterAll(() => direct.close());

  const connectWithin = (callMs: number): void => {
    records = new Records(new Database({ url: way.url, poolSize: 4, callMs }));
  };

  const connections = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => records.database.pool.query('SELECT pg_sleep(0.1)')));

  const accept = async (): Promise<string> => (await direct.accepts.accept(newJob())).row.id;

  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (const givesUpAt = Date.now() + PATIENCE_MS; !(await isSo()) && Date.now() < givesUpAt;)
      await pause(20);
  }

  const ledgerOf = async (jobId: string): Promise<unknown[]> => {
    const text = 'SELECT call FROM ledger WHERE job_id = $1 ORDER BY fence';
    return (await direct.database.pool.query<{ call: string }>(text, [jobId])).rows.map(({ call }) => call);
  };

  const heldSlots = async () =>
    (await direct.database.pool.query('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).rowCount;

  const isGivenBack = async (jobId: string): Promise<boolean> => {
    const job = await direct.jobs.read(jobId);
    return job?.fence === 1 && job.leaseOwner === null;
  };

  const runs = (rig: RunnerRig, jobId: string): Promise<void> =>
    expect(rig.runner.run(ticketOf(jobId, 1), 'one')).rejects.toMatchObject(AWAY);

  /** @returns lets go of its row */
  async function block(jobId: string): Promise<() => Promise<void>> {
    const blocker = await direct.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [jobId]);
    return async () => {
      await blocker.query('ROLLBACK');
      blocker.release();
    };
  }

  /** Its claim waits for a lock until the server gives it up. @returns the end of its ticket */
  async function loseUngranted(rig: RunnerRig, jobId: string): Promise<{ readonly run: Promise<void> }> {
    const unblock = await block(jobId);
    const run = runs(rig, jobId);
    // The statement for several passes over what is locked.
    await once(records.database.pool, 'release');
    const lost = once(records.database.pool, 'release');
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await direct.database.pool.query(cancel)).rowCount === 1);
    await lost;
    await unblock();
    // A refusal is heard before its connection is ready for the next statement.
    await connections(1);
    return { run };
  }

  it('is given back after a freeze longer than its lease: no death, and each job ends once, with one call', async () => {
    connectWithin(CALL_MS);
    const rig = await runnerOver(records, { leaseMs: LEASE_MS });
    const ids = [await accept(), await accept(), await accept()];
    // Else it would wait outside.
    await connections(4);
    await server.freeze();
    const ended = ids.map((id) => runs(rig, id));
    try {
      await pause(CALL_MS + 2 * LEASE_MS);
    } finally {
      await server.thaw();
    }
    await Promise.all(ended);
    await until(async () => (await Promise.all(ids.map(isGivenBack))).every(Boolean));
    expect(await direct.leases.freeDead(soon())).toEqual([]);
    for (const id of ids) {
      expect(await direct.jobs.read(id)).toMatchObject(GIVEN_BACK);
      expect(await direct.attempts.list(id)).toMatchObject([NOT_SENT]);
      await rig.runner.run(ticketOf(id, 2), 'one');
      expect(await direct.jobs.read(id)).toMatchObject({ status: 'completed', deaths: 0, fence: 2 });
      expect(await ledgerOf(id)).toEqual(['not_sent', 'answered']);
    }
    expect(rig.calls()).toBe(3);
    expect(await heldSlots()).toBe(0);
  });

  it('is not taken for another of the same job that was granted here and whose answer is on its way', async () => {
    connectWithin(60_000);
    let end: () => void = () => undefined;
    const mayEnd = new Promise<void>((resolve) => (end = resolve));
    const rig = await runnerOver(records, { mayEnd, leaseMs: 2 * LEASE_MS });
    const id = await accept();
    const { run } = await loseUngranted(rig, id);
    const goOn = way.withhold();
    let looks = 0;
    records.database.pool.on('release', () => (looks += 1));
    const winner = rig.runner.run(ticketOf(id, 1), 'one');
    await until(async () => (await direct.jobs.read(id))?.fence === 1);
    const before = looks;
    // Two at least have seen it: whoever takes it for a lost one has given it back by then.
    await until(() => looks >= before + 3);
    goOn();
    await run;
    end();
    await winner;
    expect(rig.calls()).toBe(1);
    expect(await ledgerOf(id)).toEqual(['answered']);
    expect(await direct.jobs.read(id)).toMatchObject({ status: 'completed', ring: 1, fence: 1 });
  });

  it('is given back by whoever is left when the next one of its job is lost as well', async () => {
    connectWithin(5_000);
    const rig = await runnerOver(records);
    const id = await accept();
    const { run } = await loseUngranted(rig, id);
    way.withhold();
    await runs(rig, id);
    await run;
    await until(() => isGivenBack(id));
    expect(await direct.jobs.read(id)).toMatchObject(GIVEN_BACK);
    expect(await ledgerOf(id)).toEqual(['not_sent']);
    expect(rig.calls()).toBe(0);
  });

  it('is given back when it is granted after PostgreSQL was asked what became of it', async () => {
    connectWithin(4_000);
    const rig = await runnerOver(records, { leaseMs: 8_000 });
    const id = await accept();
    const unblock = await block(id);
    await runs(rig, id);
    expect(await direct.jobs.read(id)).toMatchObject({ fence: 0 });
    // The server's own clock on it is twice the worker's.
    await unblock();
    await until(() => isGivenBack(id));
    expect(await direct.jobs.read(id)).toMatchObject(GIVEN_BACK);
    expect(await ledgerOf(id)).toEqual(['not_sent']);
  });

  it('keeps a worker that is to stop for one lease at most', async () => {
    connectWithin(CALL_MS);
    let passedMs = 0;
    const now = (): number => performance.now() + passedMs;
    const rig = await runnerOver(records, { leaseMs: LONG_LEASE_MS, now });
    const id = await accept();
    await connections(1);
    const asked = once(records.database.pool, 'acquire');
    await server.freeze();
    try {
      const run = runs(rig, id);
      await asked;
      rig.runner.stopClaiming();
      passedMs = LONG_LEASE_MS;
      const patience = new AbortController();
      const waited = pause(LONG_LEASE_MS / 2, 'still kept', { signal: patience.signal });
      await expect(Promise.race([run, waited])).resolves.not.toBe('still kept');
      patience.abort();
      await waited.catch(() => undefined);
    } finally {
      await server.thaw();
    }
  });
});
