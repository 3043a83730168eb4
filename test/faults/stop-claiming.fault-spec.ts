import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { backEnds } from '../support/stores';

// Real processes, on machines of any speed.
jest.setTimeout(180_000);

const isSlow = process.env.LONGHAUL_SLOW === '1';
const CAP = 4;
const BACKLOG = 1000;
/** Enough to know that the worker claims all the time, and few enough that most still wait at the signal. */
const UNDER_WAY = 40;
/** DESIGN's bound of a quiet machine; a loaded one is asked only how many claims there were. */
const STOPS_CLAIMING_MS = 100;

interface Late {
  readonly count: number;
  /** After the signal. */
  readonly latestMs: number;
}

/** One transaction for each hundred; the calls answer at once. */
async function submitBacklog({ api, upstream }: Longhaul): Promise<void> {
  upstream.script({ match: { provider: 'moonshot' }, replies: [{ text: 'done', repeat: 'forever' }] });
  const job = {
    ...{ type: 'chat', model: 'moonshot/kimi-k2.6', fallbacks: [] },
    input: { messages: [{ role: 'user', content: 'hello' }] },
  };
  const answer = await fetch(`${api.url}/v1/jobs/bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jobs: Array<object>(BACKLOG).fill(job) }),
  });
  expect(await answer.json()).toMatchObject({ accepted: BACKLOG });
}

async function one<Row>({ sql }: Longhaul, text: string): Promise<Row> {
  const [row] = await sql<Row>(text);
  if (row === undefined) throw new Error(`no row from: ${text}`);
  return row;
}

const claimsAfter = (longhaul: Longhaul, moment: string): Promise<Late> =>
  one(
    longhaul,
    `SELECT count(*)::int AS count,
            coalesce(extract(epoch FROM max(started_at) - '${moment}') * 1000, 0)::int AS "latestMs"
     FROM attempts WHERE started_at > '${moment}'`,
  );

describe('a worker that claims without a pause and is told to stop', () => {
  it('claims nothing that it had not fetched by then, ends what runs, and gives the rest back', async () => {
    const longhaul = await startLonghaul({
      backEnd: backEnds().slice(-1)[0] ?? 'postgres',
      // Outlasts a loaded machine: nothing here may be a takeover.
      env: { MAX_INFLIGHT_MOONSHOT: String(CAP), LEASE_SECS: '30' },
    });
    const worker = await longhaul.worker({ DRAIN_SECS: '60' });
    await submitBacklog(longhaul);
    await until('claims', async () => {
      const { count } = await one<Late>(longhaul, 'SELECT count(*)::int AS count FROM attempts');
      return count > UNDER_WAY;
    });
    // Standing still while the clock is read: between the signal's moment and its arrival it could claim on rightly.
    worker.kill('SIGSTOP');
    const { moment } = await one<{ moment: string }>(longhaul, 'SELECT clock_timestamp()::text AS moment');
    worker.kill('SIGTERM');
    worker.kill('SIGCONT');
    expect(await worker.exited).toBe(0);

    const late = await claimsAfter(longhaul, moment);
    process.stdout.write(
      `SIGTERM under load: ${String(late.count)} claim(s) were under way, the last ${String(late.latestMs)} ms after it\n`,
    );
    // Each of its four hands may have had a ticket; one more round of them would be four more.
    expect(late.count).toBeLessThanOrEqual(CAP);
    if (isSlow) expect(late.latestMs).toBeLessThanOrEqual(STOPS_CLAIMING_MS);
    expect(
      await one(
        longhaul,
        `SELECT count(*) FILTER (WHERE lease_owner IS NOT NULL)::int AS held, sum(deaths)::int AS deaths,
                count(*) FILTER (WHERE status NOT IN ('completed', 'queued', 'in_progress'))::int AS failed,
                (SELECT count(*)::int FROM attempts WHERE ended_at IS NULL) AS open,
                bool_or(status = 'queued') AS "someWait"
         FROM jobs`,
      ),
    ).toEqual({ held: 0, deaths: 0, failed: 0, open: 0, someWait: true });
  });
});
