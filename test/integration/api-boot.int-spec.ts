import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import { Client } from 'pg';
import { AppOptions, AppProcess, startApi, startWorker } from '../support/processes';
import { scratchDirectory } from '../support/scratch';
import { until } from '../support/longhaul';
import { freshDatabase, startPostgres } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const LATER = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
  run_at: Math.floor(Date.now() / 1000) + 3600,
};

type Start = (options: AppOptions) => Promise<AppProcess>;

/** Node options under which a process is told to stop before it has loaded any library. */
function toldBeforeItLoads(): string {
  const path = join(scratchDirectory('told'), 'told.cjs');
  const told = `const { Module } = require('node:module');
    const load = Module._load;
    Module._load = (...call) => {
      if (call[0] === 'reflect-metadata') process.kill(process.pid, 'SIGTERM');
      return load(...call);
    };`;
  writeFileSync(path, told);
  return `${process.env.NODE_OPTIONS ?? ''} --require ${path}`;
}

/** Starts a process that refuses to come up, and returns all that it wrote. */
async function refusal(start: Start, env: Record<string, string>): Promise<string> {
  const app = await start({ env, waitUntilReady: false });
  expect(await app.exited).toBe(1);
  const said = app.logs();
  // An explained fault is a sentence, not a stack.
  expect(said).not.toMatch(/\n\s+at /);
  return said;
}

function inFile(content: string, mode: number): string {
  const path = join(scratchDirectory('keys'), 'keys.json');
  writeFileSync(path, content, { mode });
  return path;
}

describe.each([
  ['the API', startApi, 'PORT'],
  ['a worker', startWorker, 'WORKER_PORT'],
] as [string, Start, string][])('%s', (...[, start, portVariable]) => {
  it('without DATABASE_URL refuses to start, and names npm start', async () => {
    expect(await refusal(start, {})).toContain('npm start');
  });

  it('with a wrong value refuses to start, and names the variable', async () => {
    expect(await refusal(start, { LEASE_SECS: 'ten' })).toContain('LEASE_SECS');
  });

  it('whose PostgreSQL has no such database refuses to start, without its password', async () => {
    const postgres = await startPostgres();
    const wrong = Object.assign(new URL(postgres.url), { pathname: '/none' });
    const said = await refusal(start, { DATABASE_URL: wrong.href });
    expect(said).toContain('it has no database of the name in DATABASE_URL');
    expect(said).not.toContain(wrong.password);
    await postgres.destroy();
  });

  it('started before its PostgreSQL is alive, says what it waits for, and is ready once that is there', async () => {
    const postgres = await startPostgres();
    await postgres.stop();
    const app = await start({ env: { DATABASE_URL: postgres.url }, waitUntilReady: false });
    await until('an answer', () => fetch(`${app.url}/healthz`).catch(() => null));
    const ready = await fetch(`${app.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(JSON.stringify(await ready.json())).toContain('it cannot be reached (ECONNREFUSED)');
    const other = await fetch(`${app.url}/v1/jobs`, { method: 'POST', body: '{}' });
    expect(other.status).toBe(503);
    await postgres.start();
    await app.ready();
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect(app.logs()).not.toContain(new URL(postgres.url).password);
    expect(app.logs().match(/waits for PostgreSQL/g)).toHaveLength(1);
    await app.stop();
    expect(await app.exited).toBe(0);
    await postgres.destroy();
  });

  it('ends with 0 when it is told to stop while it waits', async () => {
    const app = await start({ env: { DATABASE_URL: 'postgres://127.0.0.1:1/none' }, waitUntilReady: false });
    await until('an answer', () => fetch(`${app.url}/healthz`).catch(() => null));
    app.kill('SIGTERM');
    expect(await app.exited).toBe(0);
  });

  it('ends with 0 when it is told to stop before anything else', async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', NODE_OPTIONS: toldBeforeItLoads() };
    const app = await start({ env, waitUntilReady: false });
    expect(await app.exited).toBe(0);
  });

  it('whose PostgreSQL answers no more in the middle of its start is alive, and ready when it does again', async () => {
    const { url } = await freshDatabase();
    await (await start({ env: { DATABASE_URL: url } })).stop();
    const blocker = new Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE lanes IN ACCESS EXCLUSIVE MODE');
    const app = await start({ env: { DATABASE_URL: url }, waitUntilReady: false });
    await until('an answer', () => fetch(`${app.url}/healthz`).catch(() => null));
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${app.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('start is not over')]);
    await blocker.query('ROLLBACK');
    await blocker.end();
    await app.ready();
    await app.stop();
    expect(await app.exited).toBe(0);
  });

  it('that waits for another process to migrate is alive, says so, and goes on after it', async () => {
    const { url } = await freshDatabase();
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock(7215084631)');
    const app = await start({ env: { DATABASE_URL: url }, waitUntilReady: false });
    await until('the reason', async () => {
      const ready = await fetch(`${app.url}/readyz`).catch(() => null);
      return ready?.status === 503 && (await ready.text()).includes('Another process');
    });
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect(app.logs().match(/waits for another process/g)).toHaveLength(1);
    await holder.end();
    await app.ready();
    await app.stop();
    expect(await app.exited).toBe(0);
  });

  it('that migrates for long is alive meanwhile, and says so', async () => {
    const { url } = await freshDatabase();
    const holder = new Client({ connectionString: url });
    await holder.connect();
    // Not ended yet: what makes the same table waits for it, like for a long index.
    await holder.query('BEGIN; CREATE TABLE longhaul_migrations (id serial PRIMARY KEY)');
    const app = await start({ env: { DATABASE_URL: url }, waitUntilReady: false });
    await until('the reason', async () => {
      const ready = await fetch(`${app.url}/readyz`).catch(() => null);
      return ready?.status === 503 && (await ready.text()).includes('up to date');
    });
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    await holder.query('ROLLBACK');
    await holder.end();
    await app.ready();
    await app.stop();
    expect(await app.exited).toBe(0);
  });

  it('whose port is taken refuses to start, and names the variable to set', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    const { url } = await freshDatabase();
    const said = await refusal(start, { DATABASE_URL: url, [portVariable]: String(port) });
    expect(said).toContain(`Set ${portVariable} to a free one`);
    squatter.close();
  });

  it('prints its URL in one line, and ends with code 0 when it is told to stop', async () => {
    const { url } = await freshDatabase();
    const app = await start({ env: { DATABASE_URL: url } });
    expect(
      app
        .logs()
        .split('\n')
        .filter((line) => line.startsWith('Longhaul ')),
    ).toEqual([expect.stringContaining(app.url)]);
    app.kill('SIGTERM');
    expect(await app.exited).toBe(0);
  });
});

describe('the API', () => {
  it('refuses a keys file that others can read, without a word of what it holds', async () => {
    const file = inFile('{"keys":[{"name":"sk-clear"}]}', 0o644);
    const said = await refusal(startApi, {
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      LONGHAUL_API_KEYS_FILE: file,
    });
    expect(said).toContain('chmod 600');
    expect(said).not.toContain('sk-clear');
  });

  it('refuses an address that others can reach while no caller needs a key', async () => {
    expect(await refusal(startApi, { HOST: '0.0.0.0' })).toContain('LONGHAUL_API_KEYS_FILE');
  });

  it('answers an open long poll before it ends', async () => {
    const { url } = await freshDatabase();
    const api = await startApi({ env: { DATABASE_URL: url } });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(LATER);
    const { id } = (await (await fetch(`${api.url}/v1/jobs`, { method: 'POST', headers, body })).json()) as {
      id: string;
    };
    // 100 Continue is the server's word that it has the request.
    const poll = request(`${api.url}/v1/jobs/${id}?wait=50`, { headers: { expect: '100-continue' } });
    poll.flushHeaders();
    await once(poll, 'continue');
    const answered = once(poll, 'response') as Promise<[IncomingMessage]>;
    poll.end();
    api.kill('SIGTERM');
    const [answer] = await answered;
    expect(answer.statusCode).toBe(200);
    expect(await json(answer)).toMatchObject({ id, status: 'queued' });
    expect(await api.exited).toBe(0);
  });

  it('keeps keys, prompts and queries out of its log', async () => {
    const { url } = await freshDatabase();
    const api = await startApi({
      env: { DATABASE_URL: url, LOG_LEVEL: 'trace', OPENAI_API_KEY: 'sk-canary-0' },
    });
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer sk-canary-1',
      'x-api-key': 'sk-canary-2',
      cookie: 'session=sk-canary-3',
    };
    const prompt = { ...LATER, input: { messages: [{ role: 'user', content: 'sk-canary-4' }] } };
    const good = await fetch(`${api.url}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(prompt) });
    expect(good.status).toBe(202);
    await fetch(`${api.url}/v1/jobs?key=sk-canary-5`, { method: 'POST', headers, body: '{"sk-canary-6' });
    await fetch(`${api.url}/v1/jobs`, { method: 'POST', headers, body: '{"sk-canary-7": 1}' });
    await api.stop();
    expect(api.logs()).toContain('POST /v1/jobs 202');
    expect(api.logs()).not.toContain('sk-canary');
  });
});
