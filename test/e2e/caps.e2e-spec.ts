import { startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

describe.each(backEnds())('the in-flight cap of a provider (%s)', (backEnd) => {
  it('holds over an API and three worker processes: never more than three calls at once, and three', async () => {
    const longhaul = await startLonghaul({ backEnd, env: { MAX_INFLIGHT_MOONSHOT: '3' } });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ text: 'done', delayFirstTokenMs: 150, repeat: 'forever' }],
    });
    await Promise.all([longhaul.worker(), longhaul.worker(), longhaul.worker()]);
    const jobs = await Promise.all(
      Array.from({ length: 30 }, (_, i) => longhaul.chat('moonshot/kimi-k2.6', `job-${String(i)}`)),
    );
    const ends = await Promise.all(jobs.map((job) => longhaul.ended(job.id, 120_000)));
    expect(ends.map((job) => job.status)).toEqual(jobs.map(() => 'completed'));
    expect(upstream.summary()).toMatchObject({ count: 30 });
    expect(upstream.summary().byProvider.moonshot?.maxInFlight).toBe(3);
    expect(await longhaul.sql('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).toEqual([]);
  });
});
