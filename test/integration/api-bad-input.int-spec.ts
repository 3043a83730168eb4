import { Client } from 'pg';
import { InProcess, openApi } from '../support/gateway';
import { backEnds, freshDatabase, PostgresServer, startPostgres, startRedis } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const CHAT = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
};

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly near_matches?: readonly string[];
}

const send = (api: InProcess, body: string): Promise<Response> =>
  fetch(`${api.url}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

/** Without a Content-Length, so that the size shows only as it comes. */
const sendInParts = (api: InProcess, body: string): Promise<Response> =>
  fetch(`${api.url}/v1/jobs`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, duplex: 'half' },
    body: new Blob([body]).stream(),
  });

async function countJobs(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM jobs');
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

describe('bad input', () => {
  let api: InProcess;
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = (await freshDatabase()).url;
    api = await openApi({ DATABASE_URL: databaseUrl, OPENAI_API_KEY: 'your_openai_key_here' });
  });
  afterAll(async () => {
    expect(await countJobs(databaseUrl)).toBe(0);
    await api.close();
  });

  async function problemOf(body: string): Promise<Problem> {
    const answer = await send(api, body);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await answer.json()) as Problem;
    expect(problem.status).toBe(answer.status);
    return problem;
  }
  const pointersOf = async (body: object): Promise<string[]> => {
    const problem = await problemOf(JSON.stringify(body));
    expect([problem.status, problem.code]).toEqual([422, 'invalid_request']);
    return (problem.errors ?? []).map(({ pointer }) => pointer).sort();
  };

  it('malformed JSON is 400', async () => {
    expect(await problemOf('{"type": "chat", ')).toMatchObject({ status: 400, code: 'malformed_request' });
    expect(await problemOf('')).toMatchObject({ status: 400, code: 'malformed_request' });
  });

  it('an unknown field is 422 with its pointer, on every level', async () => {
    expect(await pointersOf({ ...CHAT, temperature: 1 })).toEqual(['/temperature']);
    const message = { role: 'user', content: 'x', name: 'me' };
    expect(await pointersOf({ ...CHAT, input: { messages: [message], stream: true } })).toEqual([
      '/input/messages/0/name',
      '/input/stream',
    ]);
  });

  it('a wrong type is 422 with its pointer, one for each', async () => {
    const body = { ...CHAT, priority: 'high', input: { messages: [{ role: 'user', content: 5 }] } };
    expect(await pointersOf(body)).toEqual(['/input/messages/0/content', '/priority']);
  });

  it('empty messages are 422 with their pointer', async () =>
    expect(await pointersOf({ ...CHAT, input: { messages: [] } })).toEqual(['/input/messages']));

  it.each(['chta', undefined, 7])('the job type %s is 422, and the known ones are named', async (type) => {
    const problem = await problemOf(JSON.stringify({ ...CHAT, type }));
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: '/type' }] });
    expect(problem.errors?.[0]?.detail).toMatch(/must be one of chat, audit\.$/);
  });

  it('an unknown model is 422 with near matches', async () => {
    const problem = await problemOf(JSON.stringify({ ...CHAT, model: 'glm/glm-4.8' }));
    expect(problem).toMatchObject({ status: 422, code: 'model_not_found' });
    expect(problem.near_matches).toContain('glm/glm-4.7');
    expect(problem.detail).toContain('glm/glm-4.7');
  });

  it.each([
    ['moonshot/kimi-k2.6', 'MOONSHOT_API_KEY'],
    ['openai/gpt-5.4', 'OPENAI_API_KEY'],
  ])('%s without its key is refused, and the variable is named', async (model, variable) => {
    const answer = await send(api, JSON.stringify({ ...CHAT, model }));
    const problem = (await answer.json()) as Problem;
    expect([answer.status, problem.code]).toEqual([503, 'provider_not_configured']);
    expect(problem.detail).toContain(variable);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(JSON.stringify(problem)).not.toContain('your_openai_key_here');
  });

  it.each([
    ['GET', 'attempts'],
    ['POST', 'cancel'],
  ])('a query on %s /v1/jobs/{id}/%s, which takes none, is 400', async (method, call) => {
    const answer = await fetch(`${api.url}/v1/jobs/job_1/${call}?wait=5`, { method });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'malformed_request' }]);
  });

  it('a body over the limit is 413, and the limit is told', async () => {
    const small = await openApi({ DATABASE_URL: databaseUrl, BODY_LIMIT_MB: '0.01' });
    const input = { messages: [{ role: 'user', content: 'x'.repeat(20_000) }] };
    const whole = await send(small, JSON.stringify({ ...CHAT, input }));
    const parts = await sendInParts(small, JSON.stringify({ ...CHAT, input }));
    for (const answer of [whole, parts]) {
      const detail = expect.stringContaining('larger than 0.01 MB');
      expect([answer.status, await answer.json()]).toMatchObject([413, { detail }]);
    }
    await small.close();
  });
});

describe.each(backEnds())('PostgreSQL away, the queue on %s,', (backEnd) => {
  let postgres: PostgresServer;
  let api: InProcess;
  beforeAll(async () => {
    postgres = await startPostgres();
    const redis: Record<string, string> = backEnd === 'redis' ? { REDIS_URL: (await startRedis()).url } : {};
    api = await openApi({ DATABASE_URL: postgres.url, ...redis });
  });
  afterAll(async () => {
    await api.close();
    await postgres.destroy();
  });

  it.each([
    ['stopped', () => postgres.stop(), () => postgres.start()],
    ['frozen', () => postgres.freeze(), () => postgres.thaw()],
  ])(
    '(%s) is 503 within 2 s for every request, never a false 202, and over when it is back',
    async (...[, away, back]) => {
      await away();
      const answers: [number, string | null, number][] = [];
      for (let count = 0; count < 3; count++) {
        const startedAt = performance.now();
        const answer = await send(api, JSON.stringify(CHAT));
        answers.push([answer.status, answer.headers.get('retry-after'), performance.now() - startedAt]);
      }
      const ready = await fetch(`${api.url}/readyz`);
      const alive = await fetch(`${api.url}/healthz`);
      await back();
      for (const [status, retryAfter, elapsedMs] of answers) {
        expect([status, retryAfter]).toEqual([503, '1']);
        expect(elapsedMs).toBeLessThan(2000);
      }
      expect([ready.status, alive.status]).toEqual([503, 200]);
      // The pool may hold a connection that the server cut; the first request after may still meet it.
      let status = 503;
      for (let tries = 0; status !== 202 && tries < 20; tries++) {
        status = (await send(api, JSON.stringify(CHAT))).status;
      }
      expect(status).toBe(202);
    },
  );
});

(backEnds().includes('redis') ? describe : describe.skip)('the queue store away', () => {
  it('is still 202, and says so at /readyz', async () => {
    const redis = await startRedis();
    const { url } = await freshDatabase();
    const api = await openApi({ DATABASE_URL: url, REDIS_URL: redis.url });
    await redis.stop();
    const startedAt = performance.now();
    expect((await send(api, JSON.stringify(CHAT))).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    const ready = await fetch(`${api.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await countJobs(url)).toBe(1);
    await redis.start();
    await api.close();
  });
});
