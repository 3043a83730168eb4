import { FEED, FIRST_READY, GROUPS_AT_ONCE, IN_ORDER } from '../../libs/records/src/feed-order';
import { FeedRig, many } from './feed-rig';

// Many rows, on machines of any speed.
jest.setTimeout(120_000);

const ROWS = 40_000;
/** One for each group that is looked at, the callers who may be next, the tickets: never a share of the backlog. */
const MOST_ROWS = 2 * GROUPS_AT_ONCE + 200;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

let rig: FeedRig;

beforeAll(async () => {
  rig = await FeedRig.over();
  // A log of these jobs would be twice the work and is not read here.
  await rig.query('ALTER TABLE jobs DISABLE TRIGGER USER');
});

/** As a prepared statement that has been run often, which knows none of its values. Nothing stays of it. */
async function planOf(without: readonly string[]): Promise<Plan[]> {
  const client = await rig.records.database.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true), ${IN_ORDER}`);
    await client.query(
      `PREPARE feed (text, int, text[], text, float8, text, text, int, int, text[], text, boolean) AS ${FEED}`,
    );
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE feed ('one', NULL, '{${without.join(',')}}', NULL, 60000, '', '', -1, 99, '{}', NULL, false)`,
    );
    return rows.flatMap((row) => row['QUERY PLAN']).flatMap(({ Plan: plan }) => nodesOf(plan));
  } finally {
    await client.query('ROLLBACK');
    await client.query('DEALLOCATE feed');
    client.release();
  }
}

/** As this process's own connections plan it. */
async function planOfFirst(): Promise<Plan[]> {
  const client = await rig.records.database.pool.connect();
  try {
    await client.query(`PREPARE first (text) AS ${FIRST_READY.text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE first ('one')`,
    );
    return rows.flatMap((row) => row['QUERY PLAN']).flatMap(({ Plan: plan }) => nodesOf(plan));
  } finally {
    await client.query('DEALLOCATE first');
    client.release();
  }
}

const touchedBy = (nodes: readonly Plan[]): number =>
  nodes
    .filter((node) => node['Relation Name'] === 'jobs')
    .map((node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'])
    .reduce((sum, rows) => sum + rows, 0);

const callers = (count: number) =>
  Array.from({ length: ROWS }, (_, n) => ({
    ...{ caller: `c${String(n % count)}`, priority: n % 3, model: n % 2 ? 'm' : 'n' },
  }));

describe.each([
  ['of one caller', callers(1), []],
  ['of a thousand callers', callers(1000), []],
  ['of a model that cools, but one job', [...many(ROWS, { model: 'cold', priority: 9 }), {}], ['cold']],
  ['that is not ready', many(ROWS, { readySecondsAgo: -3600 }), []],
])('a feed before a backlog %s', (_, jobs, without) => {
  beforeAll(async () => {
    await rig.empty();
    await rig.wait(jobs);
  });

  it.each([
    ['planned while nothing was known', 'SELECT 1'],
    ['planned with statistics', 'ANALYZE jobs'],
  ])('touches few rows, by the index of the line: %s', async (_name, before) => {
    await rig.query(before);
    const nodes = await planOf(without);
    const ofJobs = nodes.filter((node) => node['Relation Name'] === 'jobs');
    expect(ofJobs.map((node) => node['Index Name'])).toContain('jobs_in_line');
    expect(ofJobs.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(touchedBy(nodes)).toBeLessThanOrEqual(MOST_ROWS);
  });

  it('is asked for by one look at the index of what is ready', async () => {
    const nodes = await planOfFirst();
    expect(nodes.map((node) => node['Index Name'])).toContain('jobs_ready_next');
    expect(touchedBy(nodes)).toBe(1);
  });
});
