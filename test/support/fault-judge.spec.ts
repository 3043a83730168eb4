import {
  attemptOf,
  faultOf,
  jobOf,
  ledgerOf,
  lineOf,
  Row,
  verdict,
  Verdict,
  WITHOUT_POSTGRES,
} from './fault-judge';

/** Each question is a process of its own. */
jest.setTimeout(60_000);

describe('the cap, to the judge of the fault bench', () => {
  const numbers = Array.from({ length: 17 }, (_, n) => n);
  const seventeen = (faults: readonly Row[], last: Row = {}): Verdict =>
    verdict('cap', {
      rows: numbers.map((n) => jobOf(n)),
      attempts: numbers.map((n) => attemptOf(n, n === 16 ? { worker: 'host:99' } : {})),
      lines: numbers.map((n) => lineOf(n, n === 16 ? last : {})),
      faults,
    });

  it('is broken by calls that were there before their worker was frozen', () => {
    expect(seventeen([faultOf('worker-freeze', [1_000, 9_000])]).bad).toEqual([
      'moonshot: 17 calls at once, and the cap is 16',
    ]);
  });

  it('is broken by calls of a worker that is killed', () => {
    expect(seventeen([faultOf('worker-kill', [1_000, 1_500])]).bad).toHaveLength(1);
  });

  it.each(['worker-freeze', 'worker-cut-off', 'worker-half-open', 'point-freeze'])(
    'is kept where what goes on in a worker is more, from its %s on, and that is counted',
    (kind) => {
      const { bad, said } = seventeen([faultOf(kind, [1_000, 9_000])], { receivedAt: 1_200 });
      expect(bad).toEqual([]);
      expect(said).toContain('moonshot 16/16');
      expect(said).toContain('with calls of workers that were hit 1 beyond');
    },
  );
});

describe('the last end after the last fault', () => {
  it('proves nothing where no job was open when that struck', () => {
    const words = { rows: [jobOf(0)], lastFaultAt: 5_000 };
    expect(
      verdict('ended-in-time', { ...words, faults: [faultOf('worker-kill', [4_000, 5_000])] }).seen,
    ).toBe(0);
    expect(verdict('ended-in-time', { ...words, faults: [faultOf('worker-kill', [500, 5_000])] }).seen).toBe(
      1,
    );
  });
});

describe('a paid answer', () => {
  const failed = (code: string, more: { row?: Row; attempt?: Row; faults?: readonly Row[] } = {}): Verdict =>
    verdict('paid-lost', {
      rows: [jobOf(0, { status: 'failed', code, completedAt: 60_100, ...more.row })],
      attempts: [attemptOf(0, { status: 'failed', code, endedAt: 60_100, ...more.attempt })],
      lines: [lineOf(0)],
      faults: more.faults ?? [],
    });

  it.each(['deadline_exceeded', 'all_providers_failed'])('is lost when its job ends as %s', (code) => {
    expect(failed(code).bad).toEqual([expect.stringContaining(`was whole, and the job failed with ${code}`)]);
  });

  it('is lost when the lease of a worker that has spooled it is freed by the deadline', () => {
    expect(failed('deadline_exceeded', { attempt: { code: 'worker_lost' } }).bad).toHaveLength(1);
  });

  it('is not, but counted, when its job had been freed before it came, and was ended by the deadline', () => {
    const { bad, said } = failed('deadline_exceeded', { attempt: { code: 'worker_lost', endedAt: 1_500 } });
    expect([bad, said]).toEqual([[], expect.stringMatching(/, 1 past the deadline of a freed job$/)]);
  });

  it('is not when it came too late to be in the spool in time, or after the end', () => {
    expect(failed('deadline_exceeded', { row: { deadlineAt: 2_300 } }).bad).toEqual([]);
    expect(failed('poison', { row: { completedAt: 1_800 } }).bad).toEqual([]);
  });

  it('is not when its worker stood still, or died, as it came', () => {
    const frozen = [faultOf('worker-freeze-short', [1_500, 2_600], { excuses: false })];
    expect(failed('deadline_exceeded', { faults: frozen }).said).toContain('1 whose worker stood still');
    const killedAt = (at: number): Verdict =>
      failed('deadline_exceeded', { faults: [faultOf('worker-kill', [at, 9_000])] });
    expect(killedAt(2_000).said).toContain('1 whose worker died within 500 ms');
    expect(killedAt(2_500).bad).toHaveLength(1);
  });

  it('is not when the caller has cancelled, or the answer was incomplete', () => {
    for (const status of ['cancelled', 'incomplete'])
      expect(failed('cancelled', { row: { status } }).bad).toEqual([]);
  });
});

describe('a call more than a job needed', () => {
  /** The worker of its first attempt was killed; two more followed. */
  const killed = (...lines: readonly Row[]): Verdict => {
    const later = { worker: 'host:99', startedAt: 4_000, endedAt: 6_000 };
    return verdict('extra-calls', {
      rows: [jobOf(0)],
      attempts: [
        attemptOf(0, { status: 'failed', code: 'worker_lost', requestId: null }),
        attemptOf(0, { ...later, number: 2, fence: 2, requestId: 'sandbox-1' }),
        attemptOf(0, { ...later, number: 3, fence: 3, requestId: 'sandbox-2' }),
      ],
      lines,
      faults: [faultOf('worker-kill', [1_200, 1_300])],
    });
  };
  const late = { marker: 'b0', receivedAt: 4_100, endedAt: 5_900 };

  it('is excused by a call in flight in a worker that was hit', () => {
    const { bad, said } = killed(lineOf(0), lineOf(1, late));
    expect([bad, said]).toEqual([[], '2 calls, 1 extra, 1 of them for a worker killed, frozen or cut off']);
  });

  it('is not excused by an attempt of such a worker that had sent nothing', () => {
    const { bad } = killed(lineOf(1, late), lineOf(2, late));
    expect(bad).toEqual([expect.stringContaining('2 calls, 1 of them for no fault that excuses it')]);
  });
});

describe('the ledger', () => {
  const booked = (...ledger: readonly Row[]): Verdict =>
    verdict('one-ledger-row', { rows: [jobOf(0)], attempts: [attemptOf(0)], lines: [lineOf(0)], ledger });

  it('has one row for each attempt', () => {
    const { bad, said } = booked(ledgerOf(0));
    expect([bad, said]).toEqual([[], expect.stringContaining('1 calls, 1 attempts, 1 rows')]);
    expect(booked().bad).toHaveLength(1);
  });

  it('has no row without an attempt, but of a job that is gone', () => {
    expect(booked(ledgerOf(0), ledgerOf(0, { fence: 2 })).bad).toHaveLength(1);
    expect(booked(ledgerOf(0), ledgerOf(7)).bad).toEqual([]);
  });

  it('says answered of an attempt that has succeeded', () => {
    expect(booked(ledgerOf(0, { call: 'unknown' })).bad).toHaveLength(1);
  });
});

describe('a claim that ran out, and of which the upstream heard nothing', () => {
  const lost = (...faults: readonly Row[]): Verdict =>
    verdict('false-takeover', {
      rows: [jobOf(0)],
      attempts: [attemptOf(0, { status: 'failed', code: 'worker_lost', startedAt: 10_000, endedAt: 14_000 })],
      faults,
    });

  it('was taken from the living, where nothing kept it from its worker', () => {
    expect(lost().bad).toEqual([expect.stringContaining('no fault kept the claim from it')]);
    const early = faultOf('postgres-kill', [5_000, 9_800], WITHOUT_POSTGRES);
    const late = faultOf('postgres-kill', [12_100, 13_000], WITHOUT_POSTGRES);
    const ofAnother = faultOf('postgres-cut', [10_000, 10_000], { ...WITHOUT_POSTGRES, name: 'worker-2' });
    const ofRedis = faultOf('redis-cut', [10_000, 10_000], { hits: 'redis', excuses: false });
    expect(lost(early, late, ofAnother, ofRedis).bad).toHaveLength(1);
  });

  it.each([
    ['PostgreSQL', faultOf('postgres-kill', [5_000, 9_950], WITHOUT_POSTGRES)],
    ['its connection', faultOf('postgres-cut', [11_900, 11_900], { ...WITHOUT_POSTGRES, name: 'worker-1' })],
    ['the worker', faultOf('worker-freeze-short', [10_100, 10_400], { excuses: false })],
  ])('was not, where %s was hit then', (_, fault) => {
    expect(lost(fault)).toMatchObject({
      bad: [],
      said: expect.stringContaining('1 claims that nobody heard of'),
    });
  });
});

describe('a cancel', () => {
  const asked = (requests: readonly Row[], faults: readonly Row[] = []): Verdict =>
    verdict('cancel-ack', {
      rows: [jobOf(0)],
      cancels: requests.map((request) => ({ index: 0, api: 'api-1', ...request })),
      faults,
    });
  const refused = { sentAt: 0, answeredAt: 50, tookMs: 50, status: 503 };
  const repeat = { sentAt: 1_200, answeredAt: 1_230, tookMs: 30, status: 200 };

  it('takes from its first request to its acknowledgement', () => {
    expect(asked([repeat]).bad).toEqual([]);
    expect(asked([refused, repeat]).bad).toEqual(['p99 is 1230 ms']);
    expect(asked([{ ...refused, status: null }]).bad).toHaveLength(1);
  });

  it('is not judged where PostgreSQL was hit between them, or the API that was asked', () => {
    const outage = faultOf('postgres-kill', [500, 600], WITHOUT_POSTGRES);
    const frozen = faultOf('api-freeze', [10, 40], { hits: 'api', name: 'api-1', excuses: false });
    expect(asked([refused, repeat], [outage])).toMatchObject({ bad: [], seen: 0 });
    expect(asked([refused, { ...repeat, api: 'api-2' }], [frozen])).toMatchObject({ bad: [], seen: 0 });
  });
});

describe('an API that alone is cut off from PostgreSQL', () => {
  const cutOff = (request: Row, more: readonly Row[] = []): readonly Verdict[] => {
    const of = { hits: 'api', name: 'api-1', excuses: false, downAt: 10_010, upAt: 15_000 };
    const submit = { index: 0, api: 'api-1', id: null, code: null, sentAt: 11_000, answeredAt: 11_100 };
    const evidence = {
      submits: [{ ...submit, tookMs: 100, ...request }],
      faults: [faultOf('api-cut-off', [10_000, 15_010], of), ...more],
    };
    return [verdict('false-202', evidence), verdict('refuse-fast', evidence)];
  };
  const badOf = (verdicts: readonly Verdict[]): readonly number[] => verdicts.map(({ bad }) => bad.length);

  it('accepts nothing, and refuses within two seconds', () => {
    expect(badOf(cutOff({ status: 503 }))).toEqual([0, 0]);
    expect(badOf(cutOff({ status: 202, id: 'job_0' }))).toEqual([1, 1]);
    expect(badOf(cutOff({ status: 503, tookMs: 2_100, answeredAt: 13_100 }))).toEqual([0, 1]);
  });

  it('is judged by its own requests, and not by its speed while it is hit by something else', () => {
    expect(badOf(cutOff({ status: 202, id: 'job_0', api: 'api-2' }))).toEqual([0, 0]);
    const killed = faultOf('api-kill', [11_050, 11_090], { hits: 'api', name: 'api-1', excuses: false });
    expect(badOf(cutOff({ status: null, code: 'ECONNRESET' }, [killed]))).toEqual([0, 0]);
  });
});
