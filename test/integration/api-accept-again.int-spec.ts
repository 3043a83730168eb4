import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { query } from '../support/longhaul';
import { CutAt, laySnare, Snare } from '../support/snare';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const JOB = { type: 'chat', model: 'sandbox/echo', fallbacks: [], input: { messages: MESSAGES } };

let upstream: Upstream;
let snare: Snare;
let databaseUrl: string;
let api: InProcess;

beforeAll(async () => {
  upstream = await startUpstream();
  databaseUrl = (await freshDatabase()).url;
  snare = await laySnare(databaseUrl);
  const env = { SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi({ ...env, DATABASE_URL: snare.url });
  await openWorker({ ...env, DATABASE_URL: databaseUrl });
});
afterAll(async () => {
  await api.close();
  await snare.close();
  await upstream.close();
});

const post = (path: string, body: unknown, key?: string): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  });
const idOf = (answer: Response): string => answer.headers.get('location')?.split('/').at(-1) ?? 'none';
const newIds = async (before: readonly string[]): Promise<string[]> =>
  (await query<{ id: string }>(databaseUrl, 'SELECT id FROM jobs'))
    .map(({ id }) => id)
    .filter((id) => !before.includes(id));

const ROUTES = [
  { route: 'POST /v1/jobs', body: JOB, status: 202 },
  { route: 'POST /v1/jobs/:id/retry', body: {}, status: 202 },
  { route: 'POST /v1/chat', body: { provider: 'sandbox', fallbacks: [], messages: MESSAGES }, status: 200 },
];
const WAYS: readonly (readonly [CutAt, string, string | undefined])[] = [
  ['unsent', 'without a key', undefined],
  ['answered', 'without a key', undefined],
  ['answered', 'with a key', 'lost'],
];

describe.each(ROUTES)('$route, whose connection to PostgreSQL is cut', ({ route, body, status }) => {
  let path: string;

  beforeAll(async () => {
    const old = idOf(await post('/v1/jobs', JOB));
    await allSettled(api.url);
    path = route.replace('POST ', '').replace(':id', old);
  });

  it.each(WAYS)(
    'while the accept is %s, %s, is accepted, and makes one job and one call',
    async (at, _, key) => {
      const before = await newIds([]);
      const callsBefore = upstream.calls().length;
      const caught = snare.cut(key === undefined ? 'accept_together' : 'accept', at);
      const answer = await post(path, body, key);
      await caught;
      expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([status, null]);
      if (key !== undefined) expect(idOf(await post(path, body, key))).toBe(idOf(answer));
      expect(await newIds(before)).toEqual([idOf(answer)]);
      await allSettled(api.url);
      expect(upstream.calls()).toHaveLength(callsBefore + 1);
    },
  );
});
