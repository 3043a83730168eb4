import fc from 'fast-check';
import { Agent, IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { ERRORS, isErrorCode, JobView } from '@longhaul/contract';
import { until } from '../support/longhaul';
import { AppProcess, startApi } from '../support/processes';
import { ROOT } from '../support/scratch';
import { freshDatabase } from '../support/stores';
import { requests, Sent } from './api-property.requests';

jest.setTimeout(240_000);

const REQUESTS = 10_000;
const AT_ONCE = 16;
const RUN_MS = 120_000;
/** The same requests each time; TEST_SEED, for Jest run by hand, makes others. */
const SEED = Number(process.env.TEST_SEED ?? 20_261_121);
/** Nobody set the keys of the providers that some requests name. */
const MEANT_5XX: ReadonlySet<string> = new Set(['provider_not_configured']);

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let api: AppProcess;

beforeAll(async () => {
  const preload = join(ROOT, 'test/integration/api-property.preload.mjs');
  api = await startApi({
    env: {
      DATABASE_URL: (await freshDatabase()).url,
      LOG_LEVEL: 'info',
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${preload}`,
    },
  });
});
afterAll(async () => {
  agent.destroy();
  await api.stop();
});

function send({ method, path, headers, body }: Omit<Sent, 'route'>): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const all = { ...headers, ...length };
    const request = httpRequest({ agent, hostname, port, method, path, headers: all }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const { statusCode = 0, headers: got } = answer;
        resolve({ status: statusCode, headers: got, text: Buffer.concat(chunks).toString() });
      });
      answer.once('error', reject);
    });
    request.once('error', reject);
    request.setTimeout(30_000, () => request.destroy(new Error('No answer within 30 s.')));
    request.end(body ?? undefined);
  });
}

/** What is wrong with an answer, in words; null when nothing is. */
function faultOf({ method }: Sent, { status, headers, text }: Got): string | null {
  const id = headers['x-request-id'];
  if (typeof id !== 'string' || !/^[\w.-]{1,128}$/.test(id)) return 'it has no good x-request-id';
  if (headers['request-id'] !== id) return 'its request-id is another one';
  if (headers['cache-control'] === undefined) return 'it has no Cache-Control';
  if (status < 400) return null;
  if (method === 'HEAD') return status >= 500 ? 'it is a fault' : null;
  const body = JSON.parse(text) as Record<string, unknown>;
  const code = String(body.code);
  if (!isErrorCode(code) || ERRORS[code].status !== status) return 'its code is not of the table';
  if (status >= 500 && !MEANT_5XX.has(code)) return 'it is a fault';
  if (body.request_id !== id || body.status !== status) return 'its body tells something else than its head';
  if (typeof body.detail !== 'string' || body.detail === '') return 'it does not say what happened';
  if (!String(headers['content-type']).startsWith('application/problem+json')) return 'its type is wrong';
  if (headers['cache-control'] !== 'no-store') return 'a cache may keep it';
  return headers['content-length'] !== undefined && text.length > 100_000 ? 'it is far too long' : null;
}

const submission = (priority: number): Omit<Sent, 'route'> => {
  const input = { messages: [{ role: 'user', content: 'Hello' }] };
  const body = Buffer.from(JSON.stringify({ type: 'chat', model: 'sandbox/echo', priority, input }));
  return { method: 'POST', path: '/v1/jobs', headers: { 'content-type': 'application/json' }, body };
};

const jobIn = (text: string): string => (JSON.parse(text) as JobView).id;

/** Every request, a few at a time; the accepted jobs and what was wrong. */
async function run(
  all: readonly Sent[],
): Promise<{ accepted: string[]; wrong: string[]; statuses: Map<number, number> }> {
  const accepted: string[] = [];
  const wrong: string[] = [];
  const statuses = new Map<number, number>();
  const queue = all.entries();
  const work = async (): Promise<void> => {
    for (const [index, sent] of queue) {
      const got = await send(sent).catch((error: unknown) => String(error));
      const fault = typeof got === 'string' ? got : faultOf(sent, got);
      if (fault !== null)
        wrong.push(`#${index} ${fault}\n${describeCase(sent)}\n→ ${JSON.stringify(got).slice(0, 600)}`);
      if (typeof got === 'string') continue;
      statuses.set(got.status, (statuses.get(got.status) ?? 0) + 1);
      const location = got.headers.location;
      if (got.status === 202 && location !== undefined) accepted.push(location.split('/').at(-1) ?? '');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { accepted, wrong, statuses };
}

const describeCase = ({ method, path, headers, body }: Sent): string =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${JSON.stringify(body?.toString('latin1').slice(0, 400))}`;

interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How late the API's event loop was since this was asked before, without its waits for a processor. */
async function lag(): Promise<Lag> {
  const reports = (): string[] => api.logs().match(/^EVENT-LOOP .*$/gm) ?? [];
  const before = reports().length;
  api.kill('SIGUSR2');
  const report = await until('the lag', () => Promise.resolve(reports()[before] ?? null));
  return JSON.parse(report.slice('EVENT-LOOP '.length)) as Lag;
}

describe(`${REQUESTS} requests, most of them bent, of seed ${SEED}`, () => {
  it('meet no fault: each is answered well, no job is lost and nobody waits for the event loop', async () => {
    const known: string[] = [];
    for (let priority = 0; priority < 8; priority++)
      known.push(jobIn((await send(submission(priority))).text));
    const all = fc.sample(requests(known), { numRuns: REQUESTS, seed: SEED });
    await lag();
    const startedAt = performance.now();
    const { accepted, wrong, statuses } = await run(all);
    const elapsedMs = performance.now() - startedAt;
    const { p50Ms, p99Ms, maxMs } = await lag();
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    process.stdout.write(
      `seed ${SEED}, ${Math.round(elapsedMs)} ms, lag p50 ${p50Ms} p99 ${p99Ms} max ${maxMs} ms, ${counts.join(', ')}\n`,
    );

    expect(wrong.slice(0, 5).join('\n\n')).toBe('');
    expect(api.logs()).not.toContain('STRAY-FAULT');
    expect(api.logs()).not.toContain('ended in a fault');
    // The run is worth nothing when all are refused alike.
    for (const status of [200, 202, 400, 404, 405, 409, 415, 422])
      expect(statuses.get(status) ?? 0).toBeGreaterThan(5);
    expect(accepted.length).toBeGreaterThan(100);
    expect(p99Ms).toBeLessThanOrEqual(100);
    expect(elapsedMs).toBeLessThan(RUN_MS);
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
    await expectFound(new Set([...known, ...accepted]));
  });
});

/** A job that the run deleted answers 410: it left its tombstone. */
async function expectFound(jobs: ReadonlySet<string>): Promise<void> {
  const lost: string[] = [];
  for (const id of jobs) {
    const { status } = await send({ method: 'GET', path: `/v1/jobs/${id}`, headers: {}, body: null });
    if (status !== 200 && status !== 410) lost.push(`${id}: ${status}`);
  }
  expect(lost).toEqual([]);
}
