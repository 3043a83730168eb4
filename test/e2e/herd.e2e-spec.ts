import { callsTo, startLonghaul, until } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(240_000);

const WAITING = 300;
const CAP = 8;
const MODEL = 'moonshot/kimi-k2.6';
const MOST_CALLS_PER_JOB = 1.05;

describe.each(backEnds())('a provider that comes back to 300 waiting jobs (%s)', (backEnd) => {
  it('gets one probe first, then never more calls than its cap, and hardly more calls than jobs', async () => {
    const longhaul = await startLonghaul({ backEnd, env: { MAX_INFLIGHT_MOONSHOT: String(CAP) } });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [
        { status: 429, headers: { 'retry-after': '6' }, body: { error: { message: 'slow down' } } },
        { text: 'done', holdBefore: 'first_token' },
        { text: 'done', delayFirstTokenMs: 100, repeat: 'forever' },
      ],
    });
    const chats = [longhaul.chat, callsTo(await longhaul.secondApi()).chat];
    await Promise.all([longhaul.worker(), longhaul.worker(), longhaul.worker()]);
    const first = await longhaul.chat(MODEL, 'first');
    const endsAt = await until('the cool-down', async () => {
      const [row] = await longhaul.sql<{ until: Date }>('SELECT until FROM cooldowns WHERE strikes = 1');
      return row?.until.getTime() ?? null;
    });
    const jobs = await Promise.all(
      Array.from({ length: WAITING }, (_, at) =>
        (chats[at % 2] ?? longhaul.chat)(MODEL, `job-${String(at)}`, { fallbacks: [] }),
      ),
    );
    // Held until here, so that all of them wait for it.
    const [probe] = await upstream.waitForHeld(1);
    expect(probe?.receivedAt).toBeGreaterThanOrEqual(endsAt);
    expect(upstream.calls()).toHaveLength(2);
    upstream.release(1);

    const ends = await Promise.all([first, ...jobs].map(({ id }) => longhaul.ended(id, 180_000)));
    expect(ends.filter(({ status }) => status !== 'completed')).toEqual([]);
    const [, passed, ...others] = upstream.calls();
    const tokenAt = passed?.firstTokenAt ?? Infinity;
    expect(others.filter(({ receivedAt }) => receivedAt < tokenAt)).toEqual([]);
    expect(upstream.summary().maxInFlight).toBe(CAP);
    expect(upstream.calls().length / ends.length).toBeLessThanOrEqual(MOST_CALLS_PER_JOB);
  });
});
