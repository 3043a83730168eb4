import { startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

const LEASE_SECS = 10;

describe.each(backEnds())('kill -9 of the worker that holds every slot of a lane (%s)', (backEnd) => {
  it('ends all jobs within a lease and five seconds, with one extra call per call that was in flight', async () => {
    const longhaul = await startLonghaul({
      backEnd,
      env: { MAX_INFLIGHT_MOONSHOT: '4', LEASE_SECS: String(LEASE_SECS) },
    });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ holdBefore: 'first_token', text: 'late', repeat: 4 }],
    });
    const doomed = await longhaul.worker();
    const jobs = await Promise.all(
      Array.from({ length: 8 }, (_, i) => longhaul.chat('moonshot/kimi-k2.6', `job-${String(i)}`)),
    );
    const inFlight = await upstream.waitForHeld(4);
    const survivor = await longhaul.worker();
    // The survivor may judge an expired lease only after it has been up for one; give it that, and a beat.
    await new Promise((resolve) => setTimeout(resolve, LEASE_SECS * 1000 + 2500));
    doomed.kill('SIGKILL');
    const killedAt = Date.now();
    const ends = await Promise.all(jobs.map((job) => longhaul.ended(job.id, 60_000)));
    const tookMs = Date.now() - killedAt;
    expect(ends.map((job) => job.status)).toEqual(jobs.map(() => 'completed'));
    expect(tookMs).toBeLessThanOrEqual((LEASE_SECS + 5) * 1000);
    expect(upstream.calls()).toHaveLength(8 + inFlight.length);
    for (const lost of inFlight) expect(upstream.calls({ marker: lost.marker ?? '' })).toHaveLength(2);
    const ledger = await longhaul.sql<{ call: string; n: string }>(
      'SELECT call, count(*) AS n FROM ledger GROUP BY call ORDER BY call',
    );
    expect(ledger).toEqual([
      { call: 'answered', n: '8' },
      { call: 'unknown', n: '4' },
    ]);
    const lostAttempts = await longhaul.sql<{ code: string }>(
      `SELECT code FROM attempts WHERE status = 'failed'`,
    );
    expect(lostAttempts.map((attempt) => attempt.code)).toEqual(inFlight.map(() => 'worker_lost'));
    expect(survivor.logs()).not.toContain('"level":50');
  });
});
