import { startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

/** Redis only: the other back end has nothing to flush. The runner names this suite when it is left out. */
const describeRedis = backEnds().includes('redis') ? describe : describe.skip;
const backEnd = 'redis';

describeRedis('FLUSHALL', () => {
  it('loses nothing and calls nothing twice, with five running and twenty waiting', async () => {
    const longhaul = await startLonghaul({ backEnd, env: { MAX_INFLIGHT_MOONSHOT: '5' } });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ holdBefore: 'first_token', text: 'done', repeat: 'forever' }],
    });
    await longhaul.worker();
    const jobs = await Promise.all(
      Array.from({ length: 25 }, (_, i) => longhaul.chat('moonshot/kimi-k2.6', `job-${String(i)}`)),
    );
    await upstream.waitForHeld(5);
    await longhaul.redis?.flushAll();
    upstream.release('all');
    const ends = await Promise.all(jobs.map((job) => longhaul.ended(job.id, 90_000)));
    expect(ends.map((job) => job.status)).toEqual(jobs.map(() => 'completed'));
    expect(upstream.calls()).toHaveLength(25);
    expect(upstream.summary().maxInFlight).toBe(5);
  });

  it('keeps accepting while Redis is away, and runs what was accepted when it is back', async () => {
    const longhaul = await startLonghaul({ backEnd });
    longhaul.upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ text: 'done', repeat: 'forever' }],
    });
    await longhaul.worker();
    await longhaul.redis?.stop();
    const startedAt = Date.now();
    const jobs = await Promise.all(
      Array.from({ length: 5 }, (_, i) => longhaul.chat('moonshot/kimi-k2.6', `job-${String(i)}`)),
    );
    expect(Date.now() - startedAt).toBeLessThan(2000);
    await longhaul.redis?.start();
    const ends = await Promise.all(jobs.map((job) => longhaul.ended(job.id, 60_000)));
    expect(ends.map((job) => job.status)).toEqual(jobs.map(() => 'completed'));
    expect(longhaul.upstream.calls()).toHaveLength(5);
  });
});
