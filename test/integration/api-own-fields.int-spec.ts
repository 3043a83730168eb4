import { InProcess, openApi } from '../support/gateway';
import { freshDatabase } from '../support/stores';

// Real stores, on machines of any speed.
jest.setTimeout(60_000);

/** What Longhaul alone decides: what a job is, whose it is, what it cost, and where a call goes with which key. */
const OWN = [
  ...[
    'id',
    'object',
    'status',
    'phase',
    'caller',
    'created_at',
    'completed_at',
    'retry_of',
    'resolved',
    'chain',
  ],
  ...[
    'cost_usd',
    'usage',
    'attempts',
    'max_calls',
    'ready_at',
    'ring',
    'fence',
    'lease_owner',
    'error',
    'output',
  ],
  ...[
    'base_url',
    'baseUrl',
    'url',
    'api_key',
    'apiKey',
    'key',
    'auth',
    'authorization',
    'headers',
    'user_agent',
  ],
];

type Body = Readonly<Record<string, unknown>>;

const MESSAGE = { role: 'user', content: 'Hello' };
const FILE = { path: 'a.js', content: 'f()\n' };
const chatJob = (input: Body, more: Body = {}): Body => ({
  type: 'chat',
  provider: 'sandbox',
  input,
  ...more,
});
const auditJob = (input: Body): Body => ({ type: 'audit', provider: 'sandbox', input });

/** Every object of every body that makes work, with one field too many. */
const PLACES: readonly (readonly [path: string, pointer: string, body: (more: Body) => Body])[] = [
  ['/v1/jobs', '', (more) => ({ ...chatJob({ messages: [MESSAGE] }), ...more })],
  ['/v1/jobs', '/routing', (more) => chatJob({ messages: [MESSAGE] }, { routing: more })],
  ['/v1/jobs', '/input', (more) => chatJob({ messages: [MESSAGE], ...more })],
  ['/v1/jobs', '/input/messages/0', (more) => chatJob({ messages: [{ ...MESSAGE, ...more }] })],
  ['/v1/jobs', '/input', (more) => auditJob({ instruction: 'Look.', files: [FILE], ...more })],
  ['/v1/jobs', '/input/files/0', (more) => auditJob({ instruction: 'Look.', files: [{ ...FILE, ...more }] })],
  ['/v1/jobs/job_x/retry', '', (more) => more],
  ['/v1/jobs/job_x/retry', '/routing', (more) => ({ routing: more })],
  ['/v1/chat', '', (more) => ({ provider: 'sandbox', messages: [MESSAGE], ...more })],
  ['/v1/chat', '/routing', (more) => ({ provider: 'sandbox', messages: [MESSAGE], routing: more })],
  ['/v1/chat', '/messages/0', (more) => ({ provider: 'sandbox', messages: [{ ...MESSAGE, ...more }] })],
];

let api: InProcess;

beforeAll(async () => {
  api = await openApi({ DATABASE_URL: (await freshDatabase()).url });
});

const post = (path: string, body: Body): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe.each(PLACES)('a body of %s, at the pointer "%s"', (path, pointer, body) => {
  it('takes none of the fields that are Longhaul’s own, and names each', async () => {
    const answer = await post(path, body(Object.fromEntries(OWN.map((name) => [name, 'mine']))));
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect(errors.map((error) => error.pointer)).toEqual(OWN.map((name) => `${pointer}/${name}`));
  });
});

it('metadata is the caller’s own text, whatever it is called, and sets nothing', async () => {
  const metadata = {
    id: 'job_mine',
    status: 'completed',
    caller: 'root',
    cost_usd: '0',
    base_url: 'http://x',
  };
  const answer = await post('/v1/jobs', {
    ...chatJob({ messages: [MESSAGE] }, { metadata, run_at: Math.floor(Date.now() / 1000) + 3600 }),
  });
  expect(answer.status).toBe(202);
  const job = (await answer.json()) as Record<string, unknown>;
  expect(job).toMatchObject({ metadata, status: 'queued', cost_usd: null });
  expect(job.id).not.toBe('job_mine');
  const nested = await post('/v1/jobs', chatJob({ messages: [MESSAGE] }, { metadata: { a: { b: 'c' } } }));
  expect(nested.status).toBe(422);
});
