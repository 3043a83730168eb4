import { JobView } from '@longhaul/contract';
import { Client } from 'pg';
import { AppProcess, startApi, startWorker } from './processes';
import { BackEnd, freshDatabase, PostgresServer, RedisServer, startRedis } from './stores';
import { startUpstream, Upstream } from './upstream';

export interface AttemptShape {
  readonly number: number;
  readonly lane: string;
  readonly ring: number;
  readonly status: string;
  readonly error: { readonly code: string } | null;
  readonly call: string | null;
}

export interface LonghaulOptions {
  readonly backEnd: BackEnd;
  readonly env?: Readonly<Record<string, string>>;
  /** A server of the test's own, to be stopped; else a fresh database on the run's server. */
  readonly postgres?: PostgresServer;
}

/** A whole Longhaul in processes of its own, with a scripted upstream behind every provider. */
export interface Longhaul {
  readonly api: AppProcess;
  readonly upstream: Upstream;
  readonly redis: RedisServer | null;
  worker(env?: Readonly<Record<string, string>>): Promise<AppProcess>;
  /** One more API beside `api`, for a test that ends it, or that speaks to both. */
  secondApi(env?: Readonly<Record<string, string>>): Promise<AppProcess>;
  submit(body: Readonly<Record<string, unknown>>): Promise<JobView>;
  /** A chat whose prompt carries `[[marker]]`, so that the upstream's log can tell it apart. */
  chat(model: string, marker: string, more?: Readonly<Record<string, unknown>>): Promise<JobView>;
  job(id: string, query?: string): Promise<JobView & { readonly attempts_list?: readonly AttemptShape[] }>;
  /** Long-polls until the job has ended. */
  ended(id: string, withinMs?: number): Promise<JobView>;
  attempts(id: string): Promise<readonly AttemptShape[]>;
  sql<Row>(text: string): Promise<Row[]>;
}

const upstreams: Upstream[] = [];

afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.close()));
});

const KEYS = { MOONSHOT_API_KEY: 'lh-moonshot-1', GLM_API_KEY: 'lh-glm-1', OPENAI_API_KEY: 'lh-openai-1' };

function providersAt(upstream: Upstream): Record<string, string> {
  const names = ['moonshot', 'glm', 'openai', 'ollama', 'sandbox'];
  return Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_BASE_URL`, upstream.url(name)]));
}

export async function startLonghaul({ backEnd, env = {}, postgres }: LonghaulOptions): Promise<Longhaul> {
  const upstream = await startUpstream({ patienceMs: 60_000 });
  upstreams.push(upstream);
  const redis = backEnd === 'redis' ? await startRedis() : null;
  const databaseUrl = postgres?.url ?? (await freshDatabase()).url;
  const shared = {
    ...KEYS,
    ...providersAt(upstream),
    DATABASE_URL: databaseUrl,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    LOG_LEVEL: 'info',
    ...env,
  };
  const api = await startApi({ env: shared });
  return {
    ...callsTo(api),
    api,
    upstream,
    redis,
    worker: (more = {}) => startWorker({ env: { ...shared, LONGHAUL_DATA_DIR: api.dataDir, ...more } }),
    secondApi: (more = {}) => startApi({ env: { ...shared, ...more } }),
    sql: (text) => query(databaseUrl, text),
  };
}

/** Asks the database itself, for what no answer of the API tells. */
export async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** What a test says to one API. */
export function callsTo(api: AppProcess): Pick<Longhaul, 'submit' | 'chat' | 'job' | 'ended' | 'attempts'> {
  const read = async <Answer>(path: string): Promise<Answer> => {
    const answer = await fetch(`${api.url}${path}`);
    if (!answer.ok) throw new Error(`GET ${path}: ${String(answer.status)} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const submit: Longhaul['submit'] = async (body) => {
    const answer = await fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 202)
      throw new Error(`POST /v1/jobs: ${String(answer.status)} ${await answer.text()}`);
    return (await answer.json()) as JobView;
  };
  const ended: Longhaul['ended'] = async (id, withinMs = 60_000) => {
    const givesUpAt = Date.now() + withinMs;
    for (;;) {
      const job = await read<JobView>(`/v1/jobs/${id}?wait=5`);
      if (job.completed_at !== null) return job;
      if (Date.now() > givesUpAt)
        throw new Error(`job ${id} is still ${job.status}/${String(job.phase)} after ${String(withinMs)} ms`);
    }
  };
  return {
    submit,
    chat: (model, marker, more = {}) =>
      submit({
        type: 'chat',
        model,
        input: { messages: [{ role: 'user', content: `hello [[${marker}]]` }] },
        ...more,
      }),
    job: (id, include = '') => read(`/v1/jobs/${id}${include}`),
    ended,
    attempts: async (id) => (await read<{ data: AttemptShape[] }>(`/v1/jobs/${id}/attempts`)).data,
  };
}

/** Asks until the answer is there. For what only a store knows and no signal tells. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | null | false>,
  withinMs = 30_000,
): Promise<Value> {
  const givesUpAt = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (value !== null && value !== false) return value;
    if (Date.now() > givesUpAt) throw new Error(`${what}: not within ${String(withinMs)} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
