import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf, Started, startAll } from '../support/launchers';
import { until } from '../support/longhaul';
import { startUpstream, Upstream } from '../support/upstream';

jest.setTimeout(180_000);

/** As scripts/launch/run.mjs has it: a second signal within this time is the same wish. */
const SAME_WISH_MS = 1_000;

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream({ patienceMs: 60_000 });
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
};

/** Running, with one call in flight whose answer is held; the lease is short, so that a second start need not wait. */
async function startWithHeldCall(): Promise<{ start: Started; id: string }> {
  upstream.script({ replies: [{ text: 'done', holdBefore: 'first_token', repeat: 'forever' }] });
  const start = await startAll({
    MOONSHOT_API_KEY: 'lh-moonshot-1',
    MOONSHOT_BASE_URL: upstream.url('moonshot'),
    DRAIN_SECS: '60',
    LEASE_SECS: '4',
  });
  const answer = await fetch(`${start.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ type: 'chat', model: 'moonshot/kimi-k2.6', fallbacks: [] },
      input: { messages: [{ role: 'user', content: 'Hello' }] },
    }),
  });
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  await upstream.waitForHeld(1);
  return { start, id };
}

/** All are told in one go, and the API, which has nothing to wait for, is gone soon after. */
const stopHasReached = (start: Started): Promise<unknown> =>
  until('the API is gone', async () => !(await isReady(start.url)));

async function endOf(start: Started, id: string): Promise<unknown> {
  const { status } = (await (await fetch(`${start.url}/v1/jobs/${id}?wait=30`)).json()) as Record<
    string,
    unknown
  >;
  return status;
}

describe('npm start, when it is asked to stop while a call runs', () => {
  it('lets the call end and keeps its answer: the job is complete after the next start, by one call', async () => {
    const { start, id } = await startWithHeldCall();
    start.child.kill('SIGINT');
    await start.says('SIGINT: stopping; running work has 60 s to end. Once more kills it.');
    await stopHasReached(start);
    upstream.release('all');
    expect(await start.exited).toBe(0);

    const again = await startAll(start.env);
    expect(await endOf(again, id)).toBe('completed');
    expect(upstream.calls()).toHaveLength(1);
  });

  it('kills what still runs when it is asked once more, and leaves nothing', async () => {
    const { start, id } = await startWithHeldCall();
    start.child.kill('SIGINT');
    await start.says('SIGINT: stopping');
    await stopHasReached(start);
    // Time is all that tells a second wish from the echo of the first.
    await new Promise((resolve) => setTimeout(resolve, SAME_WISH_MS + 100));
    start.child.kill('SIGINT');
    expect(await start.exited).toBe(130);
    expect(start.output()).toContain('Killed.');
    expect(processesOf(start.dataDir)).toEqual([]);
    for (const left of ['launcher.json', 'postgres/postmaster.pid'])
      expect([left, existsSync(join(start.dataDir, left))]).toEqual([left, false]);

    upstream.release('all');
    const again = await startAll(start.env);
    expect(await endOf(again, id)).toBe('completed');
    expect(upstream.calls()).toHaveLength(2);
  });
});
