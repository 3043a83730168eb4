import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuardOf, MoveName, movesBetween, Stand } from '@longhaul/contract';
import { JobRow, Move, Records, Settlement } from '@longhaul/records';
import {
  claim,
  claimed,
  completion,
  ends,
  freshRecords,
  newJob,
  soon,
  targetOf,
  waits,
} from '../support/records';
import { ROOT } from '../support/scratch';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 1 }], 4);
});

afterEach(async () => {
  expect(await illegalLines()).toEqual([]);
});

/** Lines of the log that no move of the table can have written. */
async function illegalLines(): Promise<unknown[]> {
  const { rows } = await records.database.pool.query<Stand & { job_id: string; attempt: number }>(
    'SELECT job_id, status, phase, attempt FROM job_events ORDER BY job_id, seq',
  );
  return rows.filter((row, at) => {
    const last = rows[at - 1];
    return movesBetween(last?.job_id === row.job_id ? last : null, row).length === 0;
  });
}

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const change = (text: string, id: string) =>
  records.database.pool.query(`UPDATE jobs SET ${text} WHERE id = $1`, [id]);
const isStale = async (id: string, asked: Parameters<typeof claim>[2] = {}) =>
  (await claim(records, id, asked)).answer === 'stale';

const held = async (change: Parameters<typeof newJob>[0] = {}) => claimed(records, (await accept(change)).id);
/** A claim whose lease has run out. */
const lapsed = async (change: Parameters<typeof newJob>[0] = {}): Promise<JobRow> =>
  claimed(records, (await accept(change)).id, { leaseMs: -1 });
const freed = async (): Promise<JobRow> => {
  const job = await lapsed();
  await records.leases.freeDead(soon());
  return job;
};
const cancelling = async (): Promise<JobRow> => {
  const job = await held();
  await records.jobs.cancel(job.id, 'local');
  return job;
};
const ended = async (): Promise<JobRow> => {
  const job = await held();
  await records.settle.settle(completion(job));
  return job;
};
const past = Date.now() - 60_000;

const isRefused = async (settlement: Settlement) => (await records.settle.settle(settlement)) === null;

/** An ending that is the holder's alone. */
const ofTheHolder = (settlementOf: (job: JobRow) => Settlement) => ({
  fence: async () => isRefused({ ...settlementOf(await held()), fence: 0 }),
  owner: async () => isRefused(settlementOf(await freed())),
});
const isCancelledBy = async (settlementOf: (job: JobRow) => Settlement) =>
  (await records.settle.settle(settlementOf(await cancelling()))) === 'cancelled';

const isMoved = (jobId: string, ring: number, error: Move['error']): Promise<boolean> =>
  records.jobs.move({ jobId, ring, readyAt: null, position: 0, target: targetOf('one'), error });
/** A move without a call, to another time or, with an error, to the end. */
const ofTheUnheld = (error: Move['error']) => ({
  status: async () => !(await isMoved((await ended()).id, 1, error)),
  unheld: async () => !(await isMoved((await held()).id, 1, error)),
  ring: async () => !(await isMoved((await accept()).id, 2, error)),
});
const isLeftOverdue = async ({ id }: JobRow) => {
  await change(`deadline_at = now() - interval '1 second'`, id);
  return (await records.jobs.endOverdue()).length === 0;
};
/** It ends instead of waiting for another claim. */
const endsWhenFreed = async ({ id }: JobRow) => {
  await records.leases.freeDead(soon());
  return (await records.jobs.read(id))?.status === 'failed';
};

type Proof = () => Promise<boolean>;
type Proofs = { readonly [Name in MoveName]: Readonly<Record<GuardOf<Name>, Proof>> };

/** What a decision checks and no statement can: that the test is there which holds it. */
const heldBy =
  (file: string, title: string): Proof =>
  async () => {
    if (readFileSync(join(ROOT, file), 'utf8').includes(`it('${title}'`)) return true;
    throw new Error(`${file} has no test "${title}": name the one that holds this guard.`);
  };
const MOST_CALLS = heldBy(
  'libs/jobs/src/outcome.properties.spec.ts',
  'a job makes no more calls than it may make in all',
);

/** Each breaks one guard of a move, and tells whether its statement has refused; or names the test that does so. */
const PROOFS: Proofs = {
  accept: {
    key: async () => {
      const idempotency = { route: 'POST /v1/jobs', key: 'k', fingerprint: 'a' };
      const { id } = await accept({ idempotency });
      return (await accept({ idempotency })).id === id;
    },
  },
  ring: {},
  claim: {
    status: async () => isStale((await ended()).id),
    ring: async () => isStale((await accept()).id, { ring: 2 }),
    ready: async () => isStale((await accept({ runAt: soon() })).id),
    in_time: async () => isStale((await accept({ deadlineMs: 0 })).id),
    uncancelled: async () => {
      const job = await lapsed();
      await records.jobs.cancel(job.id, 'local');
      return isStale(job.id, { takeOverUntil: soon() });
    },
    lapsed: async () => isStale((await held()).id, { takeOverUntil: soon() }),
    grace: async () => {
      const { id } = await lapsed();
      return (await isStale(id)) && isStale(id, { takeOverUntil: new Date(past) });
    },
    slot: async () => {
      await held();
      return (await claim(records, (await accept()).id)).answer === 'full';
    },
    open: async () => {
      await records.lanes.declare([{ name: 'one', cap: 0 }], 4);
      return (await claim(records, (await accept()).id)).answer === 'barred';
    },
    unpaid: heldBy(
      'test/integration/spool.int-spec.ts',
      'is committed before a claim is asked for, and costs no call',
    ),
    deaths: async () => {
      const { id } = await lapsed();
      await change('deaths = 2', id);
      return isStale(id, { takeOverUntil: soon() });
    },
    calls: async () => isStale((await lapsed({ maxCalls: 1 })).id, { takeOverUntil: soon() }),
  },
  renew: {
    fence: async () => {
      const claims = [{ jobId: (await held()).id, fence: 0 }];
      return (await records.leases.renew(claims, { worker: 'w1', leaseMs: 10_000 })).renewed.length === 0;
    },
    owner: async () => {
      const { id, fence } = await freed();
      await records.leases.renew([{ jobId: id, fence }], { worker: 'w1', leaseMs: 10_000 });
      return (await records.jobs.read(id))?.leaseOwner === null;
    },
  },
  answer: {
    status: async () => isRefused(completion(await ended())),
    fence: async () => isRefused({ ...completion(await held()), fence: 0 }),
    uncancelled: () => isCancelledBy(completion),
  },
  fail: { ...ofTheHolder(ends('failed')), uncancelled: () => isCancelledBy(ends('failed')) },
  retry: { ...ofTheHolder(waits('retry_wait')), calls: MOST_CALLS },
  hand_over: { ...ofTheHolder(waits('fallback')), calls: MOST_CALLS },
  give_back: {
    ...ofTheHolder(waits('waiting')),
    calls: heldBy(
      'libs/jobs/src/settlement.given-back.spec.ts',
      'ends when the call that was cut off was the last that it may make',
    ),
  },
  stop: {
    fence: async () => isRefused({ ...ends('cancelled')(await cancelling()), fence: 0 }),
    owner: async () => {
      const job = await cancelling();
      await change(`lease_owner = 'w2'`, job.id);
      return isRefused(ends('cancelled')(job));
    },
  },
  free: {
    lapsed: async () => {
      await held();
      return (await records.leases.freeDead(soon())).length === 0;
    },
    grace: async () => {
      await lapsed();
      return (await records.leases.freeDead(new Date(past))).length === 0;
    },
    unpaid: heldBy(
      'test/integration/reconciler.int-spec.ts',
      'takes a paid answer from the spool before it frees the lease: no death, and no call of unknown cost',
    ),
    deaths: async () => {
      const job = await lapsed();
      await change('deaths = 2', job.id);
      return endsWhenFreed(job);
    },
    calls: async () => endsWhenFreed(await lapsed({ maxCalls: 1 })),
  },
  cancel: {
    status: async () => (await records.jobs.cancel((await ended()).id, 'local')).status === 'completed',
    unheld: async () => (await records.jobs.cancel((await held()).id, 'local')).status === 'in_progress',
  },
  ask_cancel: {
    status: async () => {
      const { id } = await ended();
      await change(`lease_owner = 'w1', lease_until = now()`, id);
      return (await records.jobs.cancel(id, 'local')).phase === null;
    },
  },
  expire: {
    status: async () => isLeftOverdue(await ended()),
    unheld: async () => isLeftOverdue(await held()),
    due: async () => (await accept()).status === 'queued' && (await records.jobs.endOverdue()).length === 0,
  },
  shift: ofTheUnheld(null),
  give_up: {
    ...ofTheUnheld({ code: 'overloaded', message: 'x' }),
    unpaid: heldBy(
      'test/integration/runner.int-spec.ts',
      'does not give a barred job up whose answer has come to the spool since its worker was taken for dead',
    ),
  },
  remove: {
    status: async () => (await records.removals.remove((await accept()).id, 'local')) === 'running',
  },
};

const rows = Object.entries(PROOFS).flatMap(([move, proofs]) =>
  Object.entries<Proof>(proofs).map(([guard, proof]) => ({ move, guard, proof })),
);

describe('no job is moved', () => {
  it.each(rows)('by $move without $guard', async ({ proof }) => {
    expect(await proof()).toBe(true);
  });
});
