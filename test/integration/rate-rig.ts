import { Decision, Usage } from '@longhaul/contract';
import { ClaimAnswer, Database, JobRow, NewJob, Records, Settlement } from '@longhaul/records';
import { RateLimits } from '@longhaul/settings';
import { claim, completion, newJob, targetOf } from '../support/records';

/** Counted are 2.2 s: two seconds more, for the way to the upstream. */
export const WINDOW_MS = 200;
export const COUNTED_MS = WINDOW_MS + 2000;

/** What every call of these specs is made to. */
export const TARGET = { provider: 'one', targetModel: 'm' };

const open: Records[] = [];

afterAll(async () => {
  await Promise.all(open.map((records) => records.close()));
});

/** One more process, as PostgreSQL sees it. */
export function process_(records: Records, windowMs = WINDOW_MS): Records {
  const database = new Database({ url: records.database.url, poolSize: 12, callMs: 10_000 });
  const more = new Records(database, { windowMs });
  open.push(more);
  return more;
}

export const limitsOf = (limits: Partial<RateLimits>): RateLimits => ({
  ...{ requestsPerMinute: null, tokensPerMinute: null, tokensPerDay: null },
  ...limits,
});

/** Lane `one` with these limits. */
export const limit = (records: Records, limits: Partial<RateLimits>, cap = 50) =>
  records.lanes.declare([{ name: 'one', cap, credential: 'one:key', limits: limitsOf(limits) }], 100);

export interface Need {
  readonly input?: number;
  readonly output?: number;
}

/** Accepts a job whose call is estimated so; the reservation adds a quarter to its input. */
export async function accept(
  records: Records,
  { input = 0, output = 1 }: Need = {},
  change: Partial<NewJob> = {},
): Promise<string> {
  const need = { type: 'chat', inputTokens: input, outputTokens: output, capabilities: [] };
  const decision = { decidedBy: 'explicit', requested: {}, chain: [], need } as unknown as Decision;
  const job = newJob({ decision, chain: [targetOf('one')], ...change });
  await records.accepts.accept(job);
  return job.id;
}

export const jobOf = (answer: ClaimAnswer): JobRow => {
  if (answer.answer !== 'claimed') throw new Error(`expected a claim, got ${JSON.stringify(answer)}`);
  return answer.job;
};

export const claimJob = async (records: Records, id: string): Promise<JobRow> =>
  jobOf(await claim(records, id));

const usageOf = (input: number, output: number): Usage => ({
  ...{ freshInput: input, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 },
});

/** The end of a call that has used so much. */
export const ended = (job: JobRow, input: number, output: number): Settlement => {
  const settlement = completion(job);
  return { ...settlement, attempt: { ...settlement.attempt, usage: usageOf(input, output) } };
};

/** An end whose attempt is changed. */
export const endedAs = (job: JobRow, attempt: Partial<Settlement['attempt']>): Settlement => {
  const settlement = completion(job);
  return { ...settlement, attempt: { ...settlement.attempt, ...attempt } };
};

/** As the worker does it: what was used, then the end itself. */
export async function settle(records: Records, settlement: Settlement): Promise<void> {
  await records.rates.settle(TARGET, settlement);
  await records.settle.settle(settlement);
}

export interface Reservation {
  readonly atMs: number;
  readonly tokens: number;
}

export async function reservations(records: Records): Promise<Reservation[]> {
  const { rows } = await records.database.pool.query<Reservation>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS "atMs", tokens FROM reservations WHERE fence > 0 ORDER BY at`,
  );
  return rows;
}

/** The most that any span of this length holds, by number and by tokens. */
export function worst(all: readonly Reservation[], spanMs: number): { calls: number; tokens: number } {
  const spans = all.map(({ atMs }) =>
    all.filter((other) => other.atMs > atMs - spanMs && other.atMs <= atMs),
  );
  return {
    calls: Math.max(0, ...spans.map((span) => span.length)),
    tokens: Math.max(0, ...spans.map((span) => span.reduce((sum, { tokens }) => sum + tokens, 0))),
  };
}

export const usedToday = async (records: Records): Promise<number> =>
  (await records.figures.limits()).find(({ lane }) => lane === 'one')?.tokensPerDay.used ?? 0;
