import { startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

const isSlow = process.env.LONGHAUL_SLOW === '1';
const WAITING = 20_000;
const CAP = 10;
const CALL_MS = 1000;
const MODEL = 'moonshot/kimi-k2.6';

/** The only job that is there, which is one of later, so many times over: as another caller's, and of now. */
const BACKLOG = `
  INSERT INTO jobs SELECT r.* FROM jobs j, generate_series(1, ${String(WAITING)}) n,
    LATERAL jsonb_populate_record(j, jsonb_build_object('id', 'job_backlog' || n, 'caller', 'many', 'phase', 'waiting',
      'ready_at', now())) r`;

describe.each(backEnds())('a caller with 20,000 queued jobs (%s)', (backEnd) => {
  it('lets the one job of another start within two job lengths and a second', async () => {
    const longhaul = await startLonghaul({ backEnd, env: { MAX_INFLIGHT_MOONSHOT: String(CAP) } });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ text: 'done', delayFirstTokenMs: CALL_MS, repeat: 'forever' }],
    });
    await Promise.all([longhaul.worker(), longhaul.worker()]);
    await longhaul.chat(MODEL, 'backlog', { run_at: Math.floor(Date.now() / 1000) + 3600 });
    await longhaul.sql(BACKLOG);
    // The lane is at work: all its places are taken by the one who has so many, and its tickets as well.
    await upstream.waitForEnded(3 * CAP);

    const askedAt = Date.now();
    await longhaul.chat(MODEL, 'newcomer');
    const [newcomer] = await upstream.waitForCalls(1, { marker: 'newcomer' });
    const startedAt = newcomer?.receivedAt ?? Infinity;
    await upstream.waitForEnded(6 * CAP);

    const calls = upstream.calls();
    const [first, last] = [calls[0]?.receivedAt ?? 0, calls.at(-1)?.receivedAt ?? 0];
    // What a job takes of its place on this machine at this hour: the call, and all that is between two.
    const jobMs = ((last - first) * CAP) / (calls.length - 1);
    // The bound is of a quiet machine; a loaded one is asked by its own measure.
    expect(startedAt - askedAt).toBeLessThanOrEqual(2 * (isSlow ? CALL_MS : jobMs) + 1000);
    const before = calls.filter(({ receivedAt }) => receivedAt > askedAt && receivedAt < startedAt);
    expect(before.length).toBeLessThanOrEqual(2 * CAP);
    expect(upstream.summary().maxInFlight).toBe(CAP);
    const [left] = await longhaul.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs WHERE caller = 'many' AND status = 'queued'`,
    );
    expect(left?.n).toBeGreaterThan(WAITING - 20 * CAP);
  });
});
