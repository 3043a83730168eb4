import { Longhaul, startLonghaul } from '../support/longhaul';
import { AppProcess } from '../support/processes';
import { backEnds } from '../support/stores';

const isSlow = process.env.LONGHAUL_SLOW === '1';
/** The real thing has calls of a minute and the default drain; in the quick run the upstream holds its answers. */
const CALL_SECS = isSlow ? 60 : 6;
const LONG_DRAIN_SECS = isSlow ? 620 : 62;
const SHORT_DRAIN_SECS = isSlow ? 5 : 1;
/** A lease that outlasts a loaded machine: nothing here may be a takeover. */
const LEASE_SECS = 10;
const JOBS = 8;
const OLD_WORKERS = 2;

jest.setTimeout((CALL_SECS * 4 + 120) * 1000);

interface Drain {
  readonly drainSecs: number;
  readonly endsInTime: boolean;
}

interface Restart {
  readonly longhaul: Longhaul;
  readonly statuses: readonly string[];
  readonly exitCodes: readonly (number | null)[];
  /** How many calls each job cost. */
  readonly calls: readonly number[];
  readonly extraCalls: number;
}

/** All workers are replaced, one after the other, while each has calls in flight. */
async function restartAll(longhaul: Longhaul, { drainSecs, endsInTime }: Drain): Promise<Restart> {
  const { upstream } = longhaul;
  const late = isSlow ? { delayFirstTokenMs: CALL_SECS * 1000 } : { holdBefore: 'first_token' as const };
  upstream.script({
    match: { provider: 'moonshot' },
    replies: [{ ...late, text: 'done', repeat: 'forever' }],
  });
  const start = (): Promise<AppProcess> => longhaul.worker({ DRAIN_SECS: String(drainSecs) });
  const old = await startMany(start);
  const markers = Array.from({ length: JOBS }, (_, i) => `job-${String(i)}`);
  const jobs = await Promise.all(markers.map((marker) => longhaul.chat('moonshot/kimi-k2.6', marker)));
  await upstream.waitForCalls(JOBS);
  await startMany(start);
  const exitCodes = await stopInTurn(old, () => {
    if (endsInTime) upstream.release('all');
  });
  upstream.release('all');
  const ends = await Promise.all(jobs.map(({ id }) => longhaul.ended(id, (CALL_SECS * 3 + 60) * 1000)));
  const calls = markers.map((marker) => upstream.calls({ marker }).length);
  return {
    ...{ longhaul, exitCodes, calls },
    statuses: ends.map(({ status }) => status),
    extraCalls: calls.reduce((sum, count) => sum + count, 0) - JOBS,
  };
}

const startMany = (start: () => Promise<AppProcess>): Promise<AppProcess[]> =>
  Promise.all(Array.from({ length: OLD_WORKERS }, start));

/** Each has gone before the next is told, but the calls of a long drain end only once all were. */
async function stopInTurn(workers: readonly AppProcess[], onAllTold: () => void): Promise<(number | null)[]> {
  const codes: (number | null)[] = [];
  for (const [at, worker] of workers.entries()) {
    worker.kill('SIGTERM');
    if (at === workers.length - 1) onAllTold();
    else await Promise.race([worker.exited, new Promise((resolve) => setTimeout(resolve, 3000))]);
  }
  for (const worker of workers) codes.push(await worker.exited);
  return codes;
}

const allOf = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

const countedDeaths = async ({ sql }: Longhaul): Promise<unknown> =>
  (await sql<{ n: number }>('SELECT coalesce(sum(deaths), 0)::int AS n FROM jobs'))[0]?.n;

const ledgerOf = ({ sql }: Longhaul): Promise<{ status: string; call: string; n: number }[]> =>
  sql(`SELECT a.status, l.call, count(*)::int AS n FROM attempts a JOIN ledger l USING (job_id, fence)
       GROUP BY a.status, l.call ORDER BY a.status`);

/** `npm run test:faults` shows it; the numbers are the claim. */
function print(what: string, { statuses, exitCodes, extraCalls }: Restart): void {
  const lost = statuses.filter((status) => status !== 'completed').length;
  process.stdout.write(
    `rolling restart, ${what}: ${String(JOBS)} calls ${isSlow ? `of ${String(CALL_SECS)} s` : 'that are held'} in flight, ` +
      `${String(lost)} lost, ${String(extraCalls)} extra calls, exit codes ${exitCodes.join(' ')}\n`,
  );
}

describe.each(backEnds())('a rolling restart of all workers with calls in flight (%s)', (backEnd) => {
  const begin = (): Promise<Longhaul> =>
    startLonghaul({ backEnd, env: { LEASE_SECS: String(LEASE_SECS), MAX_INFLIGHT_MOONSHOT: String(JOBS) } });

  it('loses nothing and doubles nothing when the drain is longer than the calls', async () => {
    const restart = await restartAll(await begin(), { drainSecs: LONG_DRAIN_SECS, endsInTime: true });
    print(`drain ${String(LONG_DRAIN_SECS)} s (${backEnd})`, restart);
    expect(restart.statuses).toEqual(allOf(JOBS, 'completed'));
    expect(restart.calls).toEqual(allOf(JOBS, 1));
    expect(restart.exitCodes).toEqual(allOf(OLD_WORKERS, 0));
    expect(await countedDeaths(restart.longhaul)).toBe(0);
  });

  it('costs exactly one extra call for each that is given back when it is shorter, and counts no death', async () => {
    const restart = await restartAll(await begin(), { drainSecs: SHORT_DRAIN_SECS, endsInTime: false });
    print(`drain ${String(SHORT_DRAIN_SECS)} s (${backEnd})`, restart);
    expect(restart.statuses).toEqual(allOf(JOBS, 'completed'));
    expect(restart.exitCodes).toEqual(allOf(OLD_WORKERS, 0));
    expect(await countedDeaths(restart.longhaul)).toBe(0);
    const ledger = await ledgerOf(restart.longhaul);
    expect(ledger).toEqual([
      // A worker of before the restart may have taken what another gave back: each cut costs a call of its own.
      { status: 'abandoned', call: 'unknown', n: restart.extraCalls },
      { status: 'succeeded', call: 'answered', n: JOBS },
    ]);
    expect(restart.extraCalls).toBeGreaterThanOrEqual(JOBS);
  });
});
