import { Decision, Target } from '@longhaul/contract';
import {
  ClaimAnswer,
  Database,
  JobAgain,
  JobRow,
  migrateToLatest,
  NewJob,
  Records,
  Settlement,
} from '@longhaul/records';
import { freshDatabase } from './stores';

const open: Records[] = [];

afterAll(async () => {
  await Promise.all(open.map((records) => records.close()));
});

/** Migrated records over a database of this test's own. */
export async function freshRecords(): Promise<Records> {
  const { url } = await freshDatabase();
  await migrateToLatest(url);
  const records = new Records(new Database({ url, poolSize: 20, callMs: 10_000 }));
  open.push(records);
  return records;
}

export const targetOf = (provider: string, model = 'm'): Target => ({
  provider,
  model,
  contextWindow: 100_000,
  maxOutputTokens: 8000,
  minOutputTokens: null,
  price: null,
});

const NEED = { type: 'chat', inputTokens: 1, outputTokens: 1, capabilities: [] };

let counter = 0;

/** A job that is fit to be accepted; `change` says what this test is about. */
export function newJob(change: Partial<NewJob> = {}): NewJob {
  counter += 1;
  return {
    id: `job_test${String(counter).padStart(6, '0')}`,
    caller: 'local',
    type: 'chat',
    model: 'one/m',
    input: { messages: [{ role: 'user', content: 'hello' }] },
    chain: [targetOf('one')],
    decision: { decidedBy: 'explicit', requested: {}, chain: [], need: NEED } as unknown as Decision,
    maxCalls: 8,
    priority: 5,
    runAt: null,
    deadlineMs: 600_000,
    timeoutMs: null,
    fallbackOnRefusal: false,
    ttlMs: null,
    metadata: {},
    idempotency: null,
    retryOf: null,
    ...change,
  };
}

export interface ClaimChange {
  readonly lane?: string;
  readonly ring?: number;
  readonly leaseMs?: number;
  readonly takeOverUntil?: Date | null;
  readonly worker?: string;
}

/** A right to judge expired leases that outlasts the test. */
export const soon = (): Date => new Date(Date.now() + 60_000);

/** Claims as worker `w1` would, with a lease of ten seconds. */
export const claim = (records: Records, jobId: string, change: ClaimChange = {}): Promise<ClaimAnswer> =>
  records.claims.claim({
    jobId,
    ring: 1,
    lane: 'one',
    worker: 'w1',
    leaseMs: 10_000,
    takeOverUntil: null,
    yieldMs: 2000,
    ...change,
  });

export async function claimed(records: Records, jobId: string, change: ClaimChange = {}): Promise<JobRow> {
  const answer = await claim(records, jobId, change);
  if (answer.answer !== 'claimed') throw new Error(`expected a claim of ${jobId}, got ${answer.answer}`);
  return answer.job;
}

const attempt = {
  message: null,
  trace: null,
  usage: { freshInput: 10, cacheRead: 0, cacheWrite: 0, output: 5, reasoning: 0 },
  call: 'answered',
  price: null,
  nanoUsd: 1500,
} as const;

/** A completed claim. */
export const completion = (job: JobRow, output: unknown = { text: 'done' }): Settlement => ({
  jobId: job.id,
  fence: job.fence,
  worker: job.leaseOwner ?? 'w1',
  attempt: { ...attempt, status: 'succeeded', code: null },
  job: { to: 'end', status: 'completed', output, error: null, incompleteReason: null },
  cooling: null,
  warm: null,
});

/** A failed claim whose job waits again where it stands. */
export const retry = (job: JobRow, cooling: Settlement['cooling'] = null): Settlement => ({
  ...completion(job),
  attempt: { ...attempt, status: 'failed', code: 'upstream_error', usage: null, nanoUsd: 0 },
  job: {
    to: 'again',
    phase: 'retry_wait',
    afterMs: 0,
    position: job.position,
    provider: job.provider,
    model: job.targetModel,
    tries: job.tries + 1,
    outputBudget: null,
  },
  cooling,
});

/** A failed claim that ends its job. */
export const ends =
  (status: 'failed' | 'cancelled') =>
  (job: JobRow): Settlement => ({
    ...retry(job),
    job: {
      to: 'end',
      status,
      output: null,
      error: { code: 'internal', message: 'x' },
      incompleteReason: null,
    },
  });

/** A failed claim whose job waits in that phase. */
export const waits =
  (phase: JobAgain['phase']) =>
  (job: JobRow): Settlement => {
    const again = retry(job);
    return { ...again, job: { ...again.job, phase } as JobAgain };
  };
