import { JobView } from '@longhaul/contract';
import fc from 'fast-check';
import { InProcess, openApi } from '../support/gateway';
import { query } from '../support/longhaul';
import { freshDatabase } from '../support/stores';

// Real stores, on machines of any speed.
jest.setTimeout(90_000);

const JOBS = 60;
let api: InProcess;
/** Oldest first. */
let all: JobView[];

interface Page {
  readonly data: JobView[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

const list = async (query: Record<string, string>): Promise<Page> => {
  const answer = await fetch(`${api.url}/v1/jobs?${new URLSearchParams(query).toString()}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page;
};
const idsOf = (jobs: readonly JobView[]): string[] => jobs.map(({ id }) => id);

async function submit(number: number): Promise<JobView> {
  const body = {
    type: number % 3 === 0 ? 'audit' : 'chat',
    model: number % 2 === 0 ? 'sandbox/echo' : 'sandbox/reviewer',
    input:
      number % 3 === 0
        ? { instruction: 'Look.', files: [{ path: 'a.js', content: 'f();\n' }] }
        : { messages: [{ role: 'user', content: 'Hello' }] },
    run_at: 4_000_000_000,
    metadata: { team: number % 4 === 0 ? 'red' : 'blue', number: String(number) },
  };
  const answer = await fetch(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as JobView;
}

beforeAll(async () => {
  const { url } = await freshDatabase();
  api = await openApi({ DATABASE_URL: url, SANDBOX_BASE_URL: 'http://127.0.0.1:9/v1' });
  const accepted: JobView[] = [];
  for (let number = 0; number < JOBS; number += 1) accepted.push(await submit(number));
  for (const job of accepted.filter((_, number) => number % 5 === 0)) {
    await fetch(`${api.url}${job.urls.cancel}`, { method: 'POST' });
  }
  // Equal times are what a cursor must not stumble over.
  await query(url, `UPDATE jobs SET created_at = to_timestamp(1900000000 + (metadata->>'number')::int / 7)`);
  all = (await list({ limit: '100', order: 'asc' })).data;
});
/** Walks page by page, forward from the start or backward from a job, and answers what it saw in the list's order. */
async function walk(query: Record<string, string>, back: string | null = null): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor = back; ;) {
    const place = cursor === null ? {} : { [back === null ? 'after' : 'before']: cursor };
    const page: Page = await list({ ...query, ...place });
    if (back === null) seen.push(...idsOf(page.data));
    else seen.unshift(...idsOf(page.data));
    if (!page.has_more) return seen;
    cursor = back === null ? page.last_id : page.first_id;
  }
}

describe('the list of jobs', () => {
  it('holds the caller’s jobs, newest first, twenty at a time, in an envelope to page by', async () => {
    const page = await list({});
    expect(page).toMatchObject({ object: 'list', has_more: true });
    expect(idsOf(page.data)).toEqual(idsOf(all).reverse().slice(0, 20));
    expect(page.first_id).toBe(page.data[0]?.id);
    expect(page.last_id).toBe(page.data[19]?.id);
    expect(page.data[0]).not.toHaveProperty('output');
    expect(await list({ type: 'nothing' })).toEqual({
      ...{ object: 'list', data: [], first_id: null, last_id: null, has_more: false },
    });
  });

  it('is the same in pages of any size, forward and backward, under any filter', async () => {
    const filter = fc.record(
      {
        order: fc.constantFrom('asc', 'desc'),
        status: fc.constantFrom('queued', 'cancelled', 'queued,cancelled', 'failed'),
        type: fc.constantFrom('chat', 'audit'),
        model: fc.constantFrom('sandbox/echo', 'echo', 'sandbox/reviewer'),
        provider: fc.constantFrom('sandbox', 'glm'),
        created_after: fc.constantFrom('1900000003', '2030-03-17T17:46:45Z'),
        created_before: fc.constantFrom('1900000006'),
        'metadata[team]': fc.constantFrom('red', 'blue', 'green'),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filter, fc.integer({ min: 1, max: 25 }), async (asked, limit) => {
        const whole = idsOf((await list({ ...asked, limit: '100' })).data);
        expect(await walk({ ...asked, limit: String(limit) })).toEqual(whole);
        const [last] = whole.slice(-1);
        if (last === undefined) return;
        expect([...(await walk({ ...asked, limit: String(limit) }, last)), last]).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('filters by what was asked', async () => {
    const red = await list({ limit: '100', 'metadata[team]': 'red' });
    expect(red.data).toHaveLength(JOBS / 4);
    expect(red.data.every(({ metadata }) => metadata.team === 'red')).toBe(true);
    const one = await list({ 'metadata[team]': 'red', 'metadata[number]': '8' });
    expect(one.data.map(({ metadata }) => metadata.number)).toEqual(['8']);
    const cancelled = await list({ limit: '100', status: 'cancelled' });
    expect(cancelled.data).toHaveLength(JOBS / 5);
    expect((await list({ limit: '100', model: 'echo' })).data).toHaveLength(JOBS / 2);
    expect((await list({ limit: '100', created_before: '1900000002' })).data).toHaveLength(14);
  });

  it('clamps a limit that is too high, and refuses what it does not know', async () => {
    expect((await list({ limit: '5000' })).data).toHaveLength(JOBS);
    for (const query of [
      ...['status=done', 'status=', 'limit=0', 'callr=x', 'after=job_unknown', 'before=job_unknown'],
      ...['created_after=soon', '__proto__=x', 'constructor=x', 'metadata[a]=b&metadata[a]=c'],
    ]) {
      const answer = await fetch(`${api.url}/v1/jobs?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
      const [param] = query.split('=');
      expect(await answer.json()).toMatchObject({ code: 'malformed_request', error: { param } });
    }
  });

  it('goes on from a job that was deleted meanwhile', async () => {
    const page = await list({ status: 'cancelled', limit: '3' });
    const gone = page.last_id ?? '';
    const rest = (await list({ status: 'cancelled', limit: '100', after: gone })).data;
    expect((await fetch(`${api.url}/v1/jobs/${gone}`, { method: 'DELETE' })).status).toBe(200);
    expect((await list({ status: 'cancelled', limit: '100', after: gone })).data).toEqual(rest);
  });

  // The last one, since it adds to what the others count.
  it('shows each job once while others are accepted between two pages', async () => {
    const before = idsOf((await list({ order: 'asc', limit: '100' })).data);
    const seen: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page: Page = await list({
        ...{ order: 'asc', limit: '9' },
        ...(cursor === null ? {} : { after: cursor }),
      });
      seen.push(...idsOf(page.data));
      // Its time lies before those of the others, so by offset each would push a job into the next page again.
      await submit(1);
      if (!page.has_more) break;
      cursor = page.last_id;
    }
    expect(seen).toEqual(before);
    const all = idsOf((await list({ order: 'asc', limit: '100' })).data);
    expect(all.length).toBeGreaterThan(before.length);
    expect(all.slice(-before.length)).toEqual(before);
  });
});
