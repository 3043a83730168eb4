/**
 * `npm run bench -- --part history`: what a job costs among few stored jobs and among many. One API and one worker
 * process; the history is written by SQL, as ended jobs with their attempts, ledger rows and events. Times are the
 * client's, one request at a time, so that they are costs and not queues; the plans are those of the very statements.
 */
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { say } from '../launch/run.mjs';
import { requireLibrary } from '../typescript.mjs';
import { percentile } from './figures.mjs';
import { launch, send } from './fleet.mjs';

const FEW = 1_000;
const MONTH_MS = 30 * 86_400_000;
const LOOK_MS = 2;
const HISTORY = ['jobs', 'attempts', 'ledger', 'job_events'];
const COUNTED = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' };
/** What was sent less often belongs to the background. */
const LEAST_CALLS = 20;
const JOB = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'A line of text about nothing in particular. '.repeat(4) }] },
};

const nameOf = (n) => `job_${String(n).padStart(26, '0')}`;

/** Half of the jobs are of other callers; they end over the last 29 days, so that none is due. */
const FILL = [
  `INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls,
                     attempts, fence, ready_at, deadline_at, deadline_ms, created_at, started_at, completed_at, output, usage)
   SELECT 'job_' || lpad(n::text, 26, '0'), CASE WHEN n % 2 = 0 THEN 'local' ELSE 'caller ' || n % 20 END, 'chat',
     'completed', 'sandbox/echo', $3::jsonb, '[]', '{"decidedBy":"explicit"}', 'sandbox', 'echo', 8, 1, 1, at, at, 3600000,
     at, at, at, '{"text":"A line of text about nothing in particular."}', '{"freshInput":40,"output":9}'
   FROM (SELECT n, now() - (n % 2500000) * interval '1 second' AS at FROM generate_series($1::int, $2::int) n) numbered`,
  `INSERT INTO attempts (job_id, fence, number, lane, model, ring, worker, started_at, status, ended_at)
   SELECT 'job_' || lpad(n::text, 26, '0'), 1, 1, 'sandbox', 'echo', 1, 'w1', now(), 'succeeded', now()
   FROM generate_series($1::int, $2::int) n WHERE $3::jsonb IS NOT NULL`,
  `INSERT INTO ledger (job_id, fence, caller, provider, model, call)
   SELECT 'job_' || lpad(n::text, 26, '0'), 1, 'local', 'sandbox', 'echo', 'answered'
   FROM generate_series($1::int, $2::int) n WHERE $3::jsonb IS NOT NULL`,
  `INSERT INTO job_events (job_id, seq, at, status, attempt, provider, model)
   SELECT 'job_' || lpad(n::text, 26, '0'), seq, now(), 'completed', 1, 'sandbox', 'echo'
   FROM generate_series($1::int, $2::int) n, generate_series(0, 2) seq WHERE $3::jsonb IS NOT NULL`,
];
const AT_ONCE = 100_000;
/** A feed that finds nothing ready sends nothing else, so one job waits in a lane that nobody serves. */
const QUIET_LANE = 'quiet';
const QUIET_JOB = `INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls,
    ready_at, deadline_at, deadline_ms, created_at)
  VALUES ('job_quiet', 'local', 'chat', 'queued', 'quiet/echo', $1::jsonb, '[]', '{"decidedBy":"explicit"}', '${QUIET_LANE}', 'echo',
    8, now(), now() + interval '1 hour', 3600000, now())`;
const WHOLE = 'WHOLE';
const SHOWN = 70;

/** `options`: how many jobs make the long history, and how many are measured. */
export async function measureHistory(bed, { stored, jobs }) {
  const stores = await bed.openStores('postgres', { max_wal_size: '4GB', ...COUNTED });
  const upstream = await bed.openUpstream('postgres');
  const on = { stores, upstream, env: { MAX_INFLIGHT_SANDBOX: '10' } };
  const api = await launch(bed, 'api', on);
  await launch(bed, 'worker', on);
  const database = await bed.connect(stores.urls.longhaul);
  await database.query('CREATE EXTENSION pg_stat_statements');
  const site = { api, database, jobs };
  await fill(database, 1, FEW);
  await costs(site, FEW);
  const few = await costs(site, FEW);
  const startedAt = performance.now();
  await fill(database, FEW + 1, stored);
  say(`${stored} stored jobs after ${Math.round((performance.now() - startedAt) / 1000)} s of filling`);
  const many = await costs(site, stored);
  report({ few, many, stored, jobs });
  await database.query(QUIET_JOB, [JSON.stringify(JOB.input)]);
  const shown = await plans(stores.urls.longhaul);
  for (const line of shown) say(line);
  if (shown.some((line) => line.includes(WHOLE))) process.exitCode = 1;
}

/** Without the triggers: the log that they write is written whole, beside the jobs. */
async function fill(database, from, to) {
  await database.query('ALTER TABLE jobs DISABLE TRIGGER USER');
  for (let first = from; first <= to; first += AT_ONCE) {
    const values = [first, Math.min(to, first + AT_ONCE - 1), JSON.stringify(JOB.input)];
    for (const statement of FILL) await database.query(statement, values);
  }
  await database.query('ALTER TABLE jobs ENABLE TRIGGER USER');
  await database.query(`VACUUM ANALYZE ${HISTORY.join(', ')}`);
  // What is left to write of the filling is not a cost of the jobs that are measured.
  await database.query('CHECKPOINT');
}

/** Median milliseconds of each. */
async function costs({ api, database, jobs }, stored) {
  const took = { submit: [], poll: [], list: [], status: [], claim: [], whole: [] };
  const time = async (name, work) => {
    const startedAt = performance.now();
    const answer = await work();
    took[name].push(performance.now() - startedAt);
    return answer;
  };
  const before = await scans(database);
  await database.query('SELECT pg_stat_statements_reset()');
  for (let index = 0; index < jobs; index += 1) {
    const { id } = await time('submit', () => send('POST', `${api}/v1/jobs`, JOB));
    const row = await ended(database, id);
    took.claim.push(row.claim);
    took.whole.push(row.whole);
    const old = nameOf(2 * Math.ceil((Math.random() * stored) / 2));
    await time('poll', () => send('GET', `${api}/v1/jobs/${old}`));
    await time('list', () => send('GET', `${api}/v1/jobs?limit=20&after=${old}`));
    await time('status', () => send('GET', `${api}/v1/jobs?limit=20&status=failed`));
  }
  await pause(2_000);
  const after = await scans(database);
  const medians = Object.fromEntries(
    Object.entries(took).map(([name, times]) => [name, percentile(times, 0.5)]),
  );
  const read = HISTORY.map((table) => [table, after[table] - before[table]]).filter(([, rows]) => rows > 0);
  return { ...medians, read, blocks: await blocksOf(database), load: loadavg()[0] };
}

/** Of each statement that the apps have sent: 8 KB blocks a call, whoever else uses the machine. */
async function blocksOf(database) {
  const text = `SELECT queryid::text AS id, regexp_replace(trim(query), '\\s+', ' ', 'g') AS text, calls::int,
      ((shared_blks_hit + shared_blks_read)::float8 / calls) AS blocks
    FROM pg_stat_statements WHERE toplevel AND calls >= $1 AND shared_blks_hit + shared_blks_read > 0
      AND query !~ 'pg_stat' AND query !~ 'started_at - created_at'`;
  const { rows } = await database.query(text, [LEAST_CALLS]);
  return new Map(rows.map((row) => [row.id, row]));
}

async function ended(database, id) {
  const text = `SELECT extract(epoch FROM started_at - created_at)::float8 * 1000 AS claim,
      extract(epoch FROM completed_at - created_at)::float8 * 1000 AS whole
    FROM jobs WHERE id = $1 AND completed_at IS NOT NULL`;
  for (;;) {
    const { rows } = await database.query(text, [id]);
    if (rows.length > 0) return rows[0];
    await pause(LOOK_MS);
  }
}

/** Rows that were read by going through a whole table of the history, by table. */
async function scans(database) {
  const text = `SELECT relname, seq_tup_read::float8 AS read FROM pg_stat_user_tables WHERE relname = ANY ($1)`;
  const { rows } = await database.query(text, [HISTORY]);
  return Object.fromEntries(rows.map(({ relname, read }) => [relname, read]));
}

const WORDS = {
  submit: 'POST /v1/jobs',
  poll: 'GET /v1/jobs/{id}, any of the stored',
  list: 'GET /v1/jobs?limit=20&after=, anywhere',
  status: 'GET /v1/jobs?status=failed, of which there is none',
  claim: 'accepted to claimed',
  whole: 'accepted to settled, the call included',
};

function report({ few, many, stored, jobs }) {
  say(`\n| median of ${jobs}, ms | among ${FEW} | among ${stored} | ratio |\n| --- | ---: | ---: | ---: |`);
  for (const [name, words] of Object.entries(WORDS)) {
    const ratio = (many[name] / few[name]).toFixed(2);
    say(`| ${words} | ${few[name].toFixed(2)} | ${many[name].toFixed(2)} | ${ratio} |`);
  }
  const readWords = ({ read }) => read.map(([table, rows]) => `${table} ${rows}`).join(', ') || 'none';
  say(`| rows read by scans of whole tables | ${readWords(few)} | ${readWords(many)} | |`);
  say(`load ${few.load.toFixed(0)} and ${many.load.toFixed(0)}`);
  reportBlocks({ few, many, stored });
}

function reportBlocks({ few, many, stored }) {
  say(`\n| blocks of 8 KB, a call | among ${FEW} | among ${stored} | ratio |\n| --- | ---: | ---: | ---: |`);
  const both = [...few.blocks].filter(([id]) => many.blocks.has(id));
  const sorted = both.sort(([, one], [, other]) => other.calls - one.calls);
  for (const [id, { text, blocks }] of sorted) {
    const then = many.blocks.get(id).blocks;
    const ratio = (then / blocks).toFixed(2);
    say(`| \`${text.slice(0, SHOWN)}\` | ${blocks.toFixed(1)} | ${then.toFixed(1)} | ${ratio} |`);
  }
}

/** Of each statement that the work of `probes` sends, as a connection of Longhaul plans it: its indexes, and the tables that it reads whole. */
async function plans(url) {
  const { Database, Records } = requireLibrary('records');
  const records = new Records(new Database({ url, poolSize: 4, callMs: 60_000 }));
  const probes = {
    poll: () => records.jobs.find(nameOf(2), 'local'),
    'whether a lane has anything to feed': () => records.feed.feed('sandbox', { depth: 5 }),
    feed: () => records.feed.feed(QUIET_LANE, { depth: 5 }),
    claim: () =>
      records.claims.claim({
        ...{ jobId: nameOf(4), ring: 1, lane: 'sandbox', worker: 'bench', leaseMs: 10_000 },
        ...{ takeOverUntil: null, yieldMs: 2_000 },
      }),
    'lost tickets': () => records.feed.takeOldRings(10_000),
    'overdue jobs': () => records.jobs.endOverdue(),
    purge: () => records.retention.purge(MONTH_MS),
  };
  const lines = [];
  try {
    for (const [name, work] of Object.entries(probes))
      lines.push(`${name}: ${await planOf(records.database.pool, work)}`);
    return lines;
  } finally {
    await records.close();
  }
}

async function planOf(pool, work) {
  const sent = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function note(...told) {
    const [first, values] = told;
    sent.push(typeof first === 'string' ? { text: first, values } : { values, ...first });
    return query.apply(this, told);
  };
  await work().finally(() => (pg.Client.prototype.query = query));
  const client = await pool.connect();
  try {
    const nodes = [];
    for (const { text, values = [] } of sent.filter((one) =>
      /^\s*(?:SELECT|WITH|INSERT|UPDATE)/i.test(one.text),
    )) {
      const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
      nodes.push(...rows.flatMap((row) => row['QUERY PLAN']).flatMap(({ Plan }) => nodesOf(Plan)));
    }
    return wordsOf(nodes);
  } finally {
    client.release();
  }
}

const nodesOf = (plan) => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

function wordsOf(nodes) {
  const indexes = new Set(nodes.map((node) => node['Index Name']).filter(Boolean));
  const whole = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
  const read = whole.filter((table) => HISTORY.includes(table));
  return `${[...indexes].join(', ')}${read.length === 0 ? '; no table of the history is read whole' : `; READS ${read.join(', ')} ${WHOLE}`}`;
}
