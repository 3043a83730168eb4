import { startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

/** What an access list of a managed Redis may look like that nobody tried: reads go, scripts do not. */
const MAY_NOT_SCRIPT = ['worker', 'on', '>secret', '~*', '&*', '+@all', '-@scripting'];

describeRedis('a worker whose Redis lets it hear nothing', () => {
  it('ends with an exit code for its supervisor, and the job is another worker’s', async () => {
    const longhaul = await startLonghaul({ backEnd: 'redis', env: { LEASE_SECS: '4', WATCHDOG_SECS: '2' } });
    longhaul.upstream.script({ replies: [{ text: 'done', repeat: 'forever' }] });
    await longhaul.redis?.addUser(...MAY_NOT_SCRIPT);
    const url = (longhaul.redis?.url ?? '').replace('redis://', 'redis://worker:secret@');
    const deaf = await longhaul.worker({ REDIS_URL: url });
    const job = await longhaul.chat('moonshot/kimi-k2.6', 'waits');
    expect(await deaf.exited).toBe(1);
    expect(deaf.logs()).toMatch(/Lane moonshot has work and free slots .* its worker is rebuilt/);
    expect(deaf.logs()).toMatch(/Lane moonshot still started nothing .* The process ends/);
    expect((await longhaul.job(job.id)).status).toBe('queued');
    await longhaul.worker();
    expect((await longhaul.ended(job.id)).status).toBe('completed');
    expect(longhaul.upstream.calls({ marker: 'waits' })).toHaveLength(1);
  });
});
