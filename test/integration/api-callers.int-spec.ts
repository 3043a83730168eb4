import type { FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JobView } from '@longhaul/contract';
import { ROUTE_SCOPES } from '../../apps/api/src/http/callers/scopes';
import { InProcess, openApi } from '../support/gateway';
import { scratchDirectory } from '../support/scratch';
import { freshDatabase } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const JOB = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
  run_at: Math.floor(Date.now() / 1000) + 3600,
};
const KEYS = { ada: ['jobs'], bob: ['jobs'], operator: ['admin'] };
const keyOf = (name: string): string => `lh_test_${name}`;

let api: InProcess;

beforeAll(async () => {
  const file = join(scratchDirectory('keys'), 'keys.json');
  const keys = Object.entries(KEYS).map(([name, scopes]) => {
    return { name, scopes, sha256: createHash('sha256').update(keyOf(name)).digest('hex') };
  });
  writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 });
  api = await openApi({ DATABASE_URL: (await freshDatabase()).url, LONGHAUL_API_KEYS_FILE: file });
});

function ask(
  route: string,
  { key, id = 'job_x', ...more }: { key?: string; id?: string } & RequestInit = {},
) {
  const [method, path = ''] = route.split(' ');
  const headers = { ...more.headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  return fetch(`${api.url}${path.replace(':id', id)}`, { ...more, method: method ?? 'GET', headers });
}

const submitAs = async (name: string, headers: Record<string, string> = {}): Promise<JobView> => {
  const answer = await ask('POST /v1/jobs', {
    key: keyOf(name),
    body: JSON.stringify(JOB),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return (await answer.json()) as JobView;
};

const guarded = Object.entries(ROUTE_SCOPES).filter(([, scope]) => scope !== 'public');
const open = Object.entries(ROUTE_SCOPES).filter(([, scope]) => scope === 'public');

describe('the table of scopes', () => {
  it('names every route that the running server has, and none that it has not', () => {
    const routes = routesOf(api.app.getHttpAdapter().getInstance());
    expect(routes.length).toBeGreaterThan(20);
    expect(routes).toEqual(Object.keys(ROUTE_SCOPES).sort());
  });
});

/** Out of the router's own print, which is a tree: `├── /v1/jobs (GET, HEAD, POST)`, deeper = a longer path. */
function routesOf(fastify: FastifyInstance): string[] {
  const open: string[] = [];
  const routes = new Set<string>();
  for (const line of fastify.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods] = /^(.*?)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    if (part === '') continue;
    const depth = indent.length / 4;
    // The print leaves out the slash before a rest of the path.
    open.splice(depth, open.length, part === '*' ? '/*' : part);
    const named = (methods ?? '').split(', ').filter((method) => method !== '' && method !== 'HEAD');
    for (const method of named) routes.add(`${method} ${open.join('')}`);
  }
  return [...routes].sort();
}

describe.each(guarded)('%s', (route, scope) => {
  it('is 401 without a key and with an unknown one', async () => {
    for (const key of [undefined, 'lh_test_eve', `${keyOf('ada')}x`, "' OR 1=1 --", '\u00e9'.repeat(100)]) {
      expect((await ask(route, key === undefined ? {} : { key })).status).toBe(401);
    }
  });

  it('is 403 for a key without its scope, and passes one that has it', async () => {
    const lacking = scope === 'jobs' ? 'operator' : 'ada';
    const having = scope === 'jobs' ? 'ada' : 'operator';
    expect((await ask(route, { key: keyOf(lacking) })).status).toBe(403);
    expect([401, 403]).not.toContain((await ask(route, { key: keyOf(having) })).status);
  });
});

describe.each(open)('%s', (route) => {
  it('needs no key', async () => {
    expect((await ask(route)).status).toBe(200);
  });
});

describe("another caller's job", () => {
  it('is as unknown as one that never was, under each of its paths', async () => {
    const { id } = await submitAs('ada');
    const routes = Object.keys(ROUTE_SCOPES).filter((route) => route.includes(':id'));
    expect(routes.length).toBeGreaterThan(3);
    for (const route of routes) {
      const foreign = await ask(route, { key: keyOf('bob'), id });
      const missing = await ask(route, { key: keyOf('bob'), id: 'job_00000000000000000000000000' });
      const [a, b] = [await foreign.json(), await missing.json()] as Record<string, unknown>[];
      expect([route, foreign.status]).toEqual([route, 404]);
      expect(a?.code).toBe(b?.code);
      expect(String(a?.detail).replace(id, 'ID')).toBe(
        String(b?.detail).replace('job_00000000000000000000000000', 'ID'),
      );
    }
    const own = await ask('GET /v1/jobs/:id', { key: keyOf('ada'), id });
    expect(await own.json()).toMatchObject({ id, status: 'queued' });
  });

  it('has its own Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'shared-word' };
    expect((await submitAs('ada', key)).id).not.toBe((await submitAs('bob', key)).id);
  });
});

describe("another caller's jobs", () => {
  it('stand in no list, and are no cursor of one', async () => {
    const foreign = await submitAs('ada');
    const own = await submitAs('bob');
    const pages = async (query: string) =>
      ask(`GET /v1/jobs?limit=100${query}`, { key: keyOf('bob') }).then(async (answer) => {
        return { status: answer.status, body: (await answer.json()) as { data: JobView[]; error: object } };
      });
    const ids = (await pages('')).body.data.map(({ id }) => id);
    expect(ids).toContain(own.id);
    expect(ids).not.toContain(foreign.id);
    for (const param of ['after', 'before']) {
      const [stolen, unknown] = [
        await pages(`&${param}=${foreign.id}`),
        await pages(`&${param}=job_unknown`),
      ];
      expect([stolen.status, unknown.status]).toEqual([400, 400]);
      expect(stolen.body.error).toMatchObject({ param });
      expect(JSON.stringify(stolen.body.error).replace(foreign.id, 'job_unknown')).toBe(
        JSON.stringify(unknown.body.error),
      );
    }
  });
});
