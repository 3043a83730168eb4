import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Database, Statement } from '@longhaul/records';
import { Session } from '../../libs/records/src/loan';
import { PostgresServer, startPostgres } from '../support/stores';
import { putUpSignpost, Signpost } from '../support/signpost';

jest.setTimeout(120_000);

const CALL_MS = 1_500;
const POOL_SIZE = 4;
/** What a cut path costs beyond the clock: the grace for the old connections, and room for a loaded machine. */
const DROPPED_WITHIN_MS = 4_000;

const BACKEND: Statement = { name: 'backend', text: 'SELECT pg_backend_pid() AS pid FROM pg_sleep($1)' };
const AWAY = { code: 'store_unavailable' };

describe('connections whose answer is overdue', () => {
  let server: PostgresServer;
  let way: Signpost;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
  });

  beforeEach(async () => {
    way = await putUpSignpost(server.url);
    database = new Database({ url: way.url, poolSize: POOL_SIZE, callMs: CALL_MS });
  });

  afterEach(async () => {
    await database.close();
    await way.close();
  });

  /** Of as many transactions at once as there may be connections: none ends before all have begun. */
  async function backends(): Promise<Set<number>> {
    const all = new EventEmitter();
    const pids = new Set<number>();
    const hold = async (session: Session): Promise<void> => {
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const isWhole = once(all, 'here');
      for (const { pid } of rows) pids.add(pid);
      if (pids.size === POOL_SIZE) all.emit('here');
      await isWhole;
    };
    await Promise.all(Array.from({ length: POOL_SIZE }, () => database.transaction(hold)));
    return pids;
  }

  async function refused(count: number): Promise<void> {
    const asked = Array.from({ length: count }, () => database.run(BACKEND, [0]));
    await Promise.all(asked.map((answer) => expect(answer).rejects.toMatchObject(AWAY)));
  }

  it('are kept for a server that stands still, which goes on with those it had', async () => {
    const before = await backends();
    await server.freeze();
    try {
      await refused(POOL_SIZE);
      await refused(3 * POOL_SIZE);
    } finally {
      await server.thaw();
    }
    expect(await backends()).toEqual(before);
  });

  it.each([
    ['one that was idle', () => database.run(BACKEND, [0])],
    ['none', () => Promise.resolve()],
  ])('have no others beside them meanwhile but one that is tried, with %s at first', async (_, connect) => {
    await connect();
    await server.freeze();
    try {
      await refused(1);
      const made = way.made();
      await refused(3 * POOL_SIZE);
      // One try at a time, each with a clock of its own; without them each refusal was a connection.
      expect(way.made() - made).toBeLessThanOrEqual(3);
    } finally {
      await server.thaw();
    }
  });

  it('go when the way to the server was cut without a word, and new ones take their place', async () => {
    const before = await backends();
    way.hush();
    const startedMs = performance.now();
    await refused(POOL_SIZE);
    const [row] = await database.run<{ pid: number }>(BACKEND, [0]);
    expect(performance.now() - startedMs).toBeLessThan(CALL_MS + DROPPED_WITHIN_MS);
    expect(before.has(row?.pid ?? 0)).toBe(false);
  });

  it('go with a server that is killed while it stands still, and the next one is asked at once', async () => {
    await backends();
    await server.freeze();
    await refused(POOL_SIZE);
    await server.kill();
    await server.start();
    await expect(database.run(BACKEND, [0])).resolves.toHaveLength(1);
  });

  it('go too where new ones are refused, and then nobody waits for the clock', async () => {
    await backends();
    way.hush();
    way.leadTo('postgres://127.0.0.1:1');
    const dropped = once(database.pool, 'remove');
    await refused(POOL_SIZE);
    await dropped;
    const startedMs = performance.now();
    await refused(1);
    expect(performance.now() - startedMs).toBeLessThan(CALL_MS / 2);
    way.leadTo(server.url);
    await expect(database.run(BACKEND, [0])).resolves.toHaveLength(1);
  });

  it('end with their process, whatever the server does, those too that are late after its end', async () => {
    await backends();
    await server.freeze();
    try {
      await refused(1);
      const last = refused(1);
      await database.close();
      await last;
      expect(database.pool.totalCount).toBe(0);
      const made = way.made();
      await pause(2 * CALL_MS);
      expect(way.made()).toBe(made);
    } finally {
      await server.thaw();
    }
  });

  it('do not hide what the server has refused before it fell silent', async () => {
    const work = database.transaction(async (session) => {
      await session.query('SELECT 1 / 0').finally(() => {
        way.hush();
      });
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
  });

  it('keep nothing of the transaction that was under way, and do none of its work that is left', async () => {
    await database.ask('CREATE TABLE IF NOT EXISTS written (word text)', []);
    const back = once(database.pool, 'release');
    const work = database.transaction(async (session) => {
      await session.query(`INSERT INTO written VALUES ('before')`);
      await session.query(`SELECT pg_sleep(${String(CALL_MS / 1000 + 0.5)})`);
      await session.query(`INSERT INTO written VALUES ('after')`);
    });
    await expect(work).rejects.toMatchObject(AWAY);
    await back;
    expect(await database.ask('SELECT word FROM written', [])).toEqual([]);
  });
});
