import { setTimeout as pause } from 'node:timers/promises';
import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { AppProcess } from '../support/processes';
import { BackEnd, backEnds } from '../support/stores';

const isSlow = process.env.LONGHAUL_SLOW === '1';
/** The upstream holds its answers, so that a loaded machine cannot be overtaken by calls that end too soon. */
const CALL_SECS = isSlow ? 60 : 0;
const LONG_DRAIN_SECS = 620;
const SHORT_DRAIN_SECS = isSlow ? 5 : 1;
const JOBS = 8;
const WORKERS = 2;
/** With every back end only in the long run: what differs between them is how a ticket comes back. */
const TRIED: readonly BackEnd[] = isSlow ? backEnds() : backEnds().slice(-1);

jest.setTimeout((CALL_SECS * 4 + 300) * 1000);

/** Outlasts a loaded machine: nothing here may be a takeover, and no clock may end a held call. */
const PATIENT = {
  LEASE_SECS: '30',
  MAX_INFLIGHT_MOONSHOT: String(JOBS),
  MOONSHOT_FIRST_TOKEN_TIMEOUT_SECS: '590',
};

interface Restart {
  readonly statuses: readonly string[];
  readonly exitCodes: readonly (number | null)[];
  /** How many calls the upstream saw, by job. */
  readonly calls: readonly number[];
  /** How many calls were given back, by job. */
  readonly givenBack: readonly number[];
  readonly deaths: number;
}

type Drain = (longhaul: Longhaul, old: readonly AppProcess[]) => Promise<void>;

/** Each is told while the first calls of all still run. */
const finishing: Drain = async ({ upstream }, old) => {
  const startedAt = performance.now();
  for (const worker of old) {
    worker.kill('SIGTERM');
    await until('a drain', () => Promise.resolve(worker.logs().includes('Draining')), 60_000);
  }
  await pause(CALL_SECS * 1000 - (performance.now() - startedAt));
  upstream.release('all');
};

/** Each has gone, and all that it gave back is called again, before the next is told. */
const givingBack: Drain = async ({ upstream }, old) => {
  for (const worker of old) {
    worker.kill('SIGTERM');
    await worker.exited;
    await upstream.waitForHeld(JOBS);
  }
  upstream.release('all');
};

const startWorkers = (longhaul: Longhaul, drainSecs: number): Promise<AppProcess[]> =>
  Promise.all(Array.from({ length: WORKERS }, () => longhaul.worker({ DRAIN_SECS: String(drainSecs) })));

/** All old workers are replaced, one after the other, while each has calls in flight. */
async function restartAll(
  longhaul: Longhaul,
  old: readonly AppProcess[],
  { startNew, drain }: { startNew: () => Promise<AppProcess[]>; drain: Drain },
): Promise<{ restart: Restart; workers: AppProcess[] }> {
  const { upstream } = longhaul;
  upstream.reset();
  upstream.script({
    match: { provider: 'moonshot' },
    replies: [{ holdBefore: 'first_token', text: 'done', repeat: 'forever' }],
  });
  const markers = Array.from({ length: JOBS }, (_, i) => `job-${String(i)}`);
  const jobs = await Promise.all(markers.map((marker) => longhaul.chat('moonshot/kimi-k2.6', marker)));
  await upstream.waitForHeld(JOBS);
  const workers = await startNew();
  await drain(longhaul, old);
  const exitCodes = await Promise.all(old.map((worker) => worker.exited));
  const ends = await Promise.all(jobs.map(({ id }) => longhaul.ended(id)));
  const told = await Promise.all(jobs.map(({ id }) => ledgerOf(longhaul, id)));
  const restart = {
    exitCodes,
    statuses: ends.map(({ status }) => status),
    calls: markers.map((marker) => upstream.calls({ marker }).length),
    givenBack: told.map(({ givenBack }) => givenBack),
    deaths: told.reduce((sum, { deaths }) => sum + deaths, 0),
  };
  return { restart, workers };
}

/** Of what was given back only what the ledger names as a call of unknown outcome: the upstream's log has to agree. */
async function ledgerOf({ sql }: Longhaul, id: string): Promise<{ givenBack: number; deaths: number }> {
  const [told] = await sql<{ givenBack: number; deaths: number }>(
    `SELECT deaths, (SELECT count(*)::int FROM attempts a JOIN ledger l USING (job_id, fence)
       WHERE a.job_id = id AND a.status = 'abandoned' AND l.call = 'unknown') AS "givenBack"
     FROM jobs WHERE id = '${id}'`,
  );
  if (!told) throw new Error(`job ${id} is gone`);
  return told;
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** The numbers are the claim. `npm test` keeps only the verdict: docs/guarantees.md says how to see them. */
function print(what: string, { statuses, calls, givenBack, deaths, exitCodes }: Restart): void {
  const lost = statuses.filter((status) => status !== 'completed').length;
  const held = CALL_SECS > 0 ? `of ${String(CALL_SECS)} s` : 'that are held';
  process.stdout.write(
    `rolling restart, ${what}: ${String(JOBS)} calls ${held} in flight, ${String(lost)} lost, ${String(sumOf(givenBack))} ` +
      `given back, ${String(sumOf(calls) - JOBS)} extra calls, ${String(deaths)} deaths, exit codes ${exitCodes.join(' ')}\n`,
  );
}

function expectNothingLost({ statuses, exitCodes, deaths }: Restart): void {
  expect(statuses).toEqual(statuses.map(() => 'completed'));
  expect(exitCodes).toEqual(exitCodes.map(() => 0));
  expect(deaths).toBe(0);
}

describe.each(TRIED)('a rolling restart of all workers with calls in flight (%s)', (backEnd) => {
  it('loses nothing and counts no death: no extra call within the drain, else exactly one for each that is given back', async () => {
    const longhaul = await startLonghaul({ backEnd, env: PATIENT });
    const first = await startWorkers(longhaul, LONG_DRAIN_SECS);
    const startNew = (): Promise<AppProcess[]> => startWorkers(longhaul, SHORT_DRAIN_SECS);
    const long = await restartAll(longhaul, first, { startNew, drain: finishing });
    print(`drain ${String(LONG_DRAIN_SECS)} s (${backEnd})`, long.restart);
    expectNothingLost(long.restart);
    expect(long.restart.givenBack).toEqual(long.restart.calls.map(() => 0));
    expect(long.restart.calls).toEqual(long.restart.calls.map(() => 1));

    const short = await restartAll(longhaul, long.workers, { startNew, drain: givingBack });
    print(`drain ${String(SHORT_DRAIN_SECS)} s (${backEnd})`, short.restart);
    expectNothingLost(short.restart);
    // A worker of before the restart may have taken what another gave back: each cut costs a call of its own.
    expect(short.restart.calls).toEqual(short.restart.givenBack.map((count) => 1 + count));
    // All calls ran in workers that were replaced.
    expect(Math.min(...short.restart.givenBack)).toBeGreaterThanOrEqual(1);
  });
});
