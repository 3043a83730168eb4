import { Database, Statement } from '@longhaul/records';
import { Session } from '../../libs/records/src/loan';
import { until } from '../support/longhaul';
import { putUpSignpost, Signpost } from '../support/signpost';
import { freshDatabase } from '../support/stores';

const POOL_SIZE = 5;
const CALL_MS = 2_000;
const MANY = 20;

const ONE: Statement = { name: 'one', text: 'SELECT 1 AS one' };

describe('the connections of a process', () => {
  let url: string;
  let way: Signpost;
  let database: Database;
  let gone: Promise<void>;
  let letGo: () => void;
  let begun: number[];

  beforeAll(async () => {
    ({ url } = await freshDatabase());
  });

  beforeEach(async () => {
    way = await putUpSignpost(url);
    database = new Database({ url: way.url, poolSize: POOL_SIZE, callMs: CALL_MS });
    begun = [];
    gone = new Promise<void>((resolve) => (letGo = resolve));
  });

  afterEach(async () => {
    letGo();
    await database.close();
    await way.close();
  });

  const manyAtOnce = (): Promise<unknown>[] => Array.from({ length: MANY }, () => database.run(ONE, []));

  /** Works that stand on their connections until they are let go. */
  const standing = (count: number): Promise<unknown>[] =>
    Array.from({ length: count }, (_, number) =>
      database.transaction((session: Session) => {
        begun.push(number);
        return session.query('SELECT 1').then(() => gone);
      }),
    );

  it('are made two at a time, however many ask at the same moment', async () => {
    const asked = manyAtOnce();
    expect(database.pool.totalCount).toBe(2);
    await Promise.all(asked);
  });

  it('are made two at a time too beside one that is idle', async () => {
    const { pool } = database;
    let made = 0;
    let most = 0;
    const look = (): void => void (most = Math.max(most, pool.totalCount - made));
    pool.on('connect', () => (made += 1));
    await database.run(ONE, []);
    pool.on('acquire', look).on('release', look);
    await Promise.all(manyAtOnce());
    expect(most).toBeLessThanOrEqual(2);
    expect(made).toBeGreaterThan(1);
  });

  it('become as many as are needed, and whoever is left waits for one of them', async () => {
    const works = standing(POOL_SIZE + 2);
    await until('work stands on all', () => Promise.resolve(begun.length === POOL_SIZE));
    expect(database.pool.totalCount).toBe(POOL_SIZE);
    letGo();
    await Promise.all(works);
    expect(begun).toHaveLength(POOL_SIZE + 2);
  });

  it('serve those who wait in the order in which they asked', async () => {
    const narrow = new Database({ url: way.url, poolSize: 1, callMs: CALL_MS });
    const answered: number[] = [];
    const ask = (number: number) => narrow.run(ONE, []).then(() => answered.push(number));
    await Promise.all([0, 1, 2, 3, 4].map(ask));
    expect(answered).toEqual([0, 1, 2, 3, 4]);
    await narrow.close();
  });

  it('do no work whose clock ran out while it waited', async () => {
    const works = standing(POOL_SIZE + 1);
    await Promise.all(works.map((work) => expect(work).rejects.toMatchObject({ code: 'store_unavailable' })));
    letGo();
    await expect(database.run(ONE, [])).resolves.toHaveLength(1);
    expect(begun).toHaveLength(POOL_SIZE);
  });

  it('are tried anew by the next ones in turn when none can be made', async () => {
    way.leadTo('postgres://127.0.0.1:1');
    await Promise.all(
      manyAtOnce().map((asked) => expect(asked).rejects.toMatchObject({ code: 'store_unavailable' })),
    );
    expect(database.pool.totalCount).toBe(0);
    way.leadTo(url);
    await Promise.all(manyAtOnce());
  });

  it('go on where one that stood breaks', async () => {
    await Promise.all(manyAtOnce());
    await Promise.all(
      Array.from({ length: MANY }, () =>
        database.ask('SELECT pg_terminate_backend(pg_backend_pid())', []).catch(() => undefined),
      ),
    );
    await Promise.all(manyAtOnce());
  });
});
