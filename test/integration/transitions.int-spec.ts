import { GuardOf, MoveName, movesBetween, Stand } from '@longhaul/contract';
import { JobRow, Records, Settlement } from '@longhaul/records';
import { claim, claimed, completion, freshRecords, newJob, retry, soon, targetOf } from '../support/records';

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

/** A claim whose lease has run out. */
const lapsed = async (): Promise<JobRow> => claimed(records, (await accept()).id, { leaseMs: -1 });
const freed = async (): Promise<JobRow> => {
  const job = await lapsed();
  await records.leases.freeDead(soon());
  return job;
};
const ended = async (): Promise<JobRow> => {
  const job = await claimed(records, (await accept()).id);
  await records.settle.settle(completion(job));
  return job;
};
const failure = (job: JobRow): Settlement => ({
  ...retry(job),
  job: {
    to: 'end',
    status: 'failed',
    output: null,
    error: { code: 'internal', message: 'x' },
    incompleteReason: null,
  },
});
const isRefused = async (settlement: Settlement) => (await records.settle.settle(settlement)) === null;
const past = Date.now() - 60_000;

type Proofs = {
  readonly [Name in MoveName]?: Readonly<Partial<Record<GuardOf<Name>, () => Promise<boolean>>>>;
};

/** Each breaks one guard of a move, and tells whether its statement has refused. */
const PROOFS: Proofs = {
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
    lapsed: async () => isStale((await claimed(records, (await accept()).id)).id, { takeOverUntil: soon() }),
    grace: async () => {
      const { id } = await lapsed();
      return (await isStale(id)) && isStale(id, { takeOverUntil: new Date(past) });
    },
    slot: async () => {
      await claimed(records, (await accept()).id);
      return (await claim(records, (await accept()).id)).answer === 'full';
    },
    open: async () => {
      await records.lanes.declare([{ name: 'one', cap: 0 }], 4);
      return (await claim(records, (await accept()).id)).answer === 'barred';
    },
    deaths: async () => {
      const { id } = await lapsed();
      await change('deaths = 2', id);
      return isStale(id, { takeOverUntil: soon() });
    },
    calls: async () => {
      const { id } = await claimed(records, (await accept({ maxCalls: 1 })).id, { leaseMs: -1 });
      return isStale(id, { takeOverUntil: soon() });
    },
  },
  renew: {
    fence: async () => {
      const { id } = await claimed(records, (await accept()).id);
      const { renewed } = await records.leases.renew([{ jobId: id, fence: 0 }], {
        worker: 'w1',
        leaseMs: 10_000,
      });
      return renewed.length === 0;
    },
    owner: async () => {
      const { id, fence } = await freed();
      await records.leases.renew([{ jobId: id, fence }], { worker: 'w1', leaseMs: 10_000 });
      return (await records.jobs.read(id))?.leaseOwner === null;
    },
  },
  answer: {
    status: async () => isRefused(completion(await ended())),
    fence: async () => isRefused({ ...completion(await claimed(records, (await accept()).id)), fence: 0 }),
    uncancelled: async () => {
      const job = await claimed(records, (await accept()).id);
      await records.jobs.cancel(job.id, 'local');
      return (await records.settle.settle(completion(job))) === 'cancelled';
    },
  },
  fail: {
    fence: async () => isRefused({ ...failure(await claimed(records, (await accept()).id)), fence: 0 }),
    owner: async () => isRefused(failure(await freed())),
    uncancelled: async () => {
      const job = await claimed(records, (await accept()).id);
      await records.jobs.cancel(job.id, 'local');
      return (await records.settle.settle(failure(job))) === 'cancelled';
    },
  },
  retry: {
    fence: async () => isRefused({ ...retry(await claimed(records, (await accept()).id)), fence: 0 }),
    owner: async () => isRefused(retry(await freed())),
  },
  free: {
    lapsed: async () => {
      await claimed(records, (await accept()).id);
      return (await records.leases.freeDead(soon())).length === 0;
    },
    grace: async () => {
      await lapsed();
      return (await records.leases.freeDead(new Date(past))).length === 0;
    },
  },
  cancel: {
    status: async () => (await records.jobs.cancel((await ended()).id, 'local')).status === 'completed',
    unheld: async () =>
      (await records.jobs.cancel((await claimed(records, (await accept()).id)).id, 'local')).status ===
      'in_progress',
  },
  expire: {
    unheld: async () => {
      await change(
        `deadline_at = now() - interval '1 second'`,
        (await claimed(records, (await accept()).id)).id,
      );
      return (await records.jobs.endOverdue()).length === 0;
    },
    due: async () => (await accept()).status === 'queued' && (await records.jobs.endOverdue()).length === 0,
  },
  shift: {
    status: async () => !(await shifted((await ended()).id, 1)),
    unheld: async () => !(await shifted((await claimed(records, (await accept()).id)).id, 1)),
    ring: async () => !(await shifted((await accept()).id, 2)),
  },
  remove: {
    status: async () => (await records.removals.remove((await accept()).id, 'local')) === 'running',
  },
};

const shifted = (jobId: string, ring: number): Promise<boolean> =>
  records.jobs.move({ jobId, ring, readyAt: null, position: 0, target: targetOf('one'), error: null });

const rows = Object.entries(PROOFS).flatMap(([move, proofs]) =>
  Object.entries(proofs as Readonly<Record<string, () => Promise<boolean>>>).map(([guard, proof]) => ({
    move,
    guard,
    proof,
  })),
);

describe('a statement refuses its move', () => {
  it.each(rows)('$move without $guard', async ({ proof }) => {
    expect(await proof()).toBe(true);
  });
});
