import { startLonghaul } from '../support/longhaul';
import { backEnds, startPostgres } from '../support/stores';

jest.setTimeout(240_000);

const LEASE_SECS = 4;

describe.each(backEnds())(
  'PostgreSQL stopped for two leases with five calls running (queue: %s)',
  (backEnd) => {
    it('loses no answer and repeats no call', async () => {
      const postgres = await startPostgres();
      const longhaul = await startLonghaul({ backEnd, postgres, env: { LEASE_SECS: String(LEASE_SECS) } });
      const { upstream } = longhaul;
      upstream.script({
        match: { provider: 'moonshot' },
        replies: [{ holdBefore: 'first_token', text: 'paid for', repeat: 'forever' }],
      });
      await Promise.all([longhaul.worker(), longhaul.worker()]);
      const jobs = await Promise.all(
        Array.from({ length: 5 }, (_, i) => longhaul.chat('moonshot/kimi-k2.6', `job-${String(i)}`)),
      );
      await upstream.waitForHeld(5);
      await postgres.stop();
      upstream.release('all');
      await upstream.waitForEnded(5);
      await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_SECS * 1000));
      await postgres.start();
      const ends = await Promise.all(jobs.map((job) => endedAfterOutage(longhaul.ended, job.id)));
      expect(ends.map((job) => job.status)).toEqual(jobs.map(() => 'completed'));
      expect(upstream.calls()).toHaveLength(5);
    });

    it('answers 503 within two seconds while it is away or frozen, and never a false 202', async () => {
      const postgres = await startPostgres();
      const longhaul = await startLonghaul({ backEnd, postgres });
      const submit = async () => {
        const startedAt = Date.now();
        const answer = await fetch(`${longhaul.api.url}/v1/jobs`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            type: 'chat',
            model: 'sandbox/echo',
            input: { messages: [{ role: 'user', content: 'x' }] },
          }),
        });
        return {
          status: answer.status,
          ms: Date.now() - startedAt,
          body: (await answer.json()) as { code: string },
        };
      };
      await postgres.freeze();
      const frozen = await submit();
      await postgres.thaw();
      await postgres.stop();
      const away = await submit();
      for (const answer of [frozen, away]) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
        expect(answer.ms).toBeLessThanOrEqual(2000);
      }
    });
  },
);

/** The API's pool may need a moment to see that the server is back. */
async function endedAfterOutage<Job>(ended: (id: string) => Promise<Job>, id: string): Promise<Job> {
  const givesUpAt = Date.now() + 60_000;
  for (;;) {
    try {
      return await ended(id);
    } catch (thrown) {
      if (Date.now() > givesUpAt) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
