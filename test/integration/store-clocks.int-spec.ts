import { Database, migrateToLatest, NewConfigVersion, Records } from '@longhaul/records';
import { claimed, completion, newJob, soon, targetOf } from '../support/records';
import { PostgresServer, startPostgres } from '../support/stores';

jest.setTimeout(120_000);

const CALL_MS = 1500;
/** Patience with a loaded machine, below what two calls one after the other would take. */
const PATIENCE_MS = 2 * CALL_MS - 100;

type Verbs<Part> = {
  [Verb in keyof Part as Part[Verb] extends (...given: never[]) => unknown ? Verb : never]:
    ((part: Part) => Promise<unknown>) | 'asks nothing';
};

/** The compiler refuses a part, or a public method of one, that is missing here. */
type Walk = { readonly [Part in Exclude<keyof Records, 'close' | 'database'>]: Verbs<Records[Part]> };

const held = { jobId: 'job_x', fence: 1 };
const rung = { jobId: 'job_x', ring: 1 };
const idempotency = { route: 'POST /v1/jobs', key: 'k', fingerprint: 'f' };
const version: NewConfigVersion = {
  ...{ overrides: {}, changes: {}, author: 'a', reason: 'r', kind: 'change', rolledBackTo: null, caps: [] },
};
const request = {
  ...{ ...rung, lane: 'one', worker: 'w1', leaseMs: 10_000, takeOverUntil: null, yieldMs: 2000 },
};
const filter = { limit: 5, order: 'desc', statuses: [], metadata: {} } as const;
const move = { ...rung, readyAt: null, position: 0, target: targetOf('one'), error: null };
const NEVER_ASKED = (): Promise<null> => Promise.reject(new Error('claimed without a reservation'));

const walkOf = (settlement: ReturnType<typeof completion>): Walk => ({
  accepts: {
    accept: (part) => part.accept(newJob()),
    known: (part) => part.known('local', idempotency),
    retried: (part) => part.retried('job_x', 'local'),
    deleteOldKeys: (part) => part.deleteOldKeys(),
  },
  bulkAccepts: {
    accept: (part) => part.accept([newJob(), newJob()]),
    known: (part) => part.known('local', [idempotency]),
  },
  attempts: { list: (part) => part.list('job_x') },
  circuits: { probePassed: (part) => part.probePassed('job_x', 1), forgetOld: (part) => part.forgetOld() },
  claims: { claim: (part) => part.claim(request) },
  config: {
    latest: (part) => part.latest(),
    current: (part) => part.current(),
    find: (part) => part.find(1),
    page: (part) => part.page({ limit: 5, before: null }),
    append: (part) => part.append(() => version),
    restateCaps: (part) => part.restateCaps(() => []),
  },
  events: { page: (part) => part.page('job_x', { after: -1, limit: 5 }) },
  feed: {
    feed: (part) => part.feed('one'),
    unring: (part) => part.unring([rung]),
    leaveToNewer: (part) => part.leaveToNewer(rung, 1000),
    spare: (part) => part.spare(rung, 1000),
    takeOldRings: (part) => part.takeOldRings(1000),
  },
  figures: {
    lanes: (part) => part.lanes(),
    total: (part) => part.total(),
    callSeconds: (part) => part.callSeconds('one'),
    lastErrors: (part) => part.lastErrors(),
    limits: (part) => part.limits(),
  },
  health: {
    note: (part) => part.note([{ target: 'one/m', successes: [true], times: [] }], 1000),
    since: (part) => part.since(null),
    circuits: (part) => part.circuits(),
  },
  jobs: {
    find: (part) => part.find('job_x', 'local'),
    read: (part) => part.read('job_x'),
    cancel: (part) => part.cancel('job_x', 'local'),
    cancelRunning: (part) => part.cancelRunning('job_x', 'local'),
    endOverdue: (part) => part.endOverdue(),
    move: (part) => part.move(move),
    barsOf: (part) => part.barsOf([targetOf('one')]),
  },
  lanes: {
    declare: (part) => part.declare([{ name: 'one', cap: 3 }], 10),
    caps: (part) => part.caps(),
    unbar: (part) => part.unbar(),
    proveWrites: (part) => part.proveWrites('one'),
  },
  leases: {
    clock: (part) => part.clock(),
    refusal: (part) => part.refusal(),
    cancelled: (part) => part.cancelled(['job_x']),
    renew: (part) => part.renew([held], { worker: 'w1', leaseMs: 1000 }),
    freeDead: (part) => part.freeDead(soon()),
  },
  list: { page: (part) => part.page('local', filter) },
  rates: {
    isLimited: 'asks nothing',
    claim: (part) => part.claim(request, NEVER_ASKED),
    settle: (part) =>
      part.settle(
        { provider: 'one', targetModel: 'm' },
        {
          ...settlement,
          attempt: {
            ...settlement.attempt,
            trace: { phase: 'mid_answer', totalMs: 1, limits: { requests: { resetMs: 9000, remaining: 0 } } },
          },
        },
      ),
    purge: (part) => part.purge(),
  },
  removals: { remove: (part) => part.remove('job_x', 'local') },
  retention: {
    purge: (part) => part.purge(1000),
    forgetTombstones: (part) => part.forgetTombstones(1000),
    forgetHealth: (part) => part.forgetHealth(),
  },
  progress: {
    show: (part) =>
      part.show([
        { ...held, progress: { percent: 1, message: 'm', tokens: null, seconds_since_last_token: null } },
      ]),
  },
  pulses: { lanes: (part) => part.lanes() },
  settle: { settle: (part) => part.settle(settlement) },
  // What `start` asks nobody waits for; its clock is that of listening.int-spec.ts.
  notices: { start: 'asks nothing', on: 'asks nothing', tell: 'asks nothing', close: 'asks nothing' },
});

/** Each as `part.verb`, bound to its part. */
function questionsOf(walk: Walk, records: Records): [string, () => Promise<unknown>][] {
  return Object.entries(walk).flatMap(([part, verbs]) =>
    Object.entries(verbs).flatMap(([verb, ask]): [string, () => Promise<unknown>][] =>
      typeof ask === 'function'
        ? [[`${part}.${verb}`, () => (ask as (of: unknown) => Promise<unknown>)(Reflect.get(records, part))]]
        : [],
    ),
  );
}

interface Answer {
  readonly name: string;
  readonly code: unknown;
  readonly isLate: boolean;
}

async function answerTo([name, ask]: [string, () => Promise<unknown>]): Promise<Answer> {
  const startedMs = performance.now();
  const code = await ask().then(
    () => 'answered',
    (thrown: unknown) => Reflect.get(Object(thrown), 'code') ?? String(thrown),
  );
  return { name, code, isLate: performance.now() - startedMs > PATIENCE_MS };
}

describe('the clocks of the records', () => {
  let server: PostgresServer;
  let records: Records;

  beforeAll(async () => {
    server = await startPostgres();
    await migrateToLatest(server.url);
  });

  beforeEach(() => {
    records = new Records(new Database({ url: server.url, poolSize: 6, callMs: CALL_MS }));
  });

  afterEach(() => records.close());

  it('end every question to a frozen PostgreSQL as store_unavailable, with a connection at hand and without', async () => {
    await records.lanes.declare([{ name: 'one', cap: 3 }], 10);
    const { row } = await records.accepts.accept(newJob());
    const settlement = completion(await claimed(records, row.id));
    const questions = questionsOf(walkOf(settlement), records);
    await server.freeze();
    try {
      const first = await Promise.all(questions.map(answerTo));
      // Those connections wait for their answers; now each question would need a new one.
      const second = await Promise.all(questions.map(answerTo));
      const asHoped = questions.map(([name]) => ({ name, code: 'store_unavailable', isLate: false }));
      expect(first).toEqual(asHoped);
      expect(second).toEqual(asHoped);
    } finally {
      await server.thaw();
    }
  });

  it('hold for a transaction as a whole, however soon each of its statements is answered', async () => {
    let answered = 0;
    const slow = records.database.transaction(async (session) => {
      for (; answered < 6; answered += 1) await session.query('SELECT pg_sleep(0.6)');
    });
    await expect(slow).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(answered).toBeLessThan(3);
  });

  it('leave a transaction that ended in time alone, and its connection to the next', async () => {
    const answer = await records.database.transaction(
      async (session) => (await session.query('SELECT 1 AS n')).rows[0],
    );
    expect(answer).toEqual({ n: 1 });
    expect(records.database.pool.idleCount).toBe(1);
  });
});
