import { readinessOf, ReadinessParts } from './readiness';

const partsOf = (change: {
  database?: 'away' | 'no_room' | 'read_only';
  hasStopped?: boolean;
  queue?: 'away';
  spool?: string;
  role?: 'api';
  stuckSeconds?: number;
  /** Default: every lane. */
  serves?: string;
  canary?: string;
}): ReadinessParts => ({
  records: {
    leases: {
      refusal: () =>
        change.database === 'away'
          ? Promise.reject(new Error('away'))
          : Promise.resolve(change.database ?? null),
    },
  },
  dispatch: { isUp: () => change.queue === undefined },
  live: { current: { version: 0 }, trouble: null } as unknown as ReadinessParts['live'],
  spool: { trouble: change.spool ?? null },
  role: change.role ?? 'worker',
  stuckAfterMs: 60_000,
  vitals: {
    hasStopped: change.hasStopped ?? false,
    watch: {
      lanes: [],
      stuck: () => (change.stuckSeconds === undefined ? [] : [{ lane: 'one', seconds: change.stuckSeconds }]),
    },
    serves: (lane) => change.serves === undefined || lane === change.serves,
    canary: { trouble: change.canary ?? null },
    feeder: { lagMs: () => 0 },
  },
});

describe('readiness', () => {
  it('is lost without PostgreSQL, and not for want of a queue', async () => {
    expect(await readinessOf(partsOf({}))).toMatchObject({ ready: true });
    expect(await readinessOf(partsOf({ queue: 'away' }))).toMatchObject({ ready: true });
    expect(await readinessOf(partsOf({ database: 'away' }))).toMatchObject({ ready: false });
  });

  it('is not lost while the disk of PostgreSQL is full, because reads go on, but says so', async () => {
    const checks = { database: expect.stringContaining('full: no job can be accepted') as unknown };
    for (const role of [{}, { role: 'api' }] as const)
      expect(await readinessOf(partsOf({ database: 'no_room', ...role }))).toMatchObject({
        ...{ ready: true, degraded: true, checks },
      });
  });

  it('is lost where PostgreSQL is read-only, and says what to do, because another API may reach the primary', async () => {
    const database = expect.stringMatching(
      /^read-only: no job can be accepted .* promote the standby/,
    ) as unknown;
    for (const role of [{}, { role: 'api' }] as const)
      expect(await readinessOf(partsOf({ database: 'read_only', ...role }))).toMatchObject({
        ...{ ready: false, checks: { database } },
      });
  });

  it('is lost by a process that stops, which tells no longer how the lanes were', async () => {
    const lanes = expect.stringMatching(/^this process stops: nothing is claimed any more/) as unknown;
    expect(await readinessOf(partsOf({ hasStopped: true }))).toMatchObject({
      ready: false,
      checks: { lanes },
    });
    expect(await readinessOf(partsOf({ hasStopped: true, stuckSeconds: 61, role: 'api' }))).toMatchObject({
      ...{ ready: false, checks: { lanes } },
    });
  });

  it('is lost by a worker that cannot spool, and not by an API, and both say why', async () => {
    const spool: unknown = expect.stringContaining('cannot be written (ENOSPC)');
    expect(await readinessOf(partsOf({ spool: 'ENOSPC' }))).toMatchObject({
      ready: false,
      checks: { spool },
    });
    expect(await readinessOf(partsOf({ spool: 'ENOSPC', role: 'api' }))).toMatchObject({
      ready: true,
      checks: { spool },
    });
  });

  it('is lost by a worker whose lane stands still for too long; an API goes on accepting, and says so', async () => {
    const checks = { lanes: expect.stringContaining('one started nothing for 61 s') as unknown };
    expect(await readinessOf(partsOf({ stuckSeconds: 61 }))).toMatchObject({ ready: false, checks });
    expect(await readinessOf(partsOf({ stuckSeconds: 61, role: 'api' }))).toMatchObject({
      ...{ ready: true, degraded: true, checks },
    });
    expect(await readinessOf(partsOf({ stuckSeconds: 59 }))).toMatchObject({ ready: true, degraded: false });
  });

  it('is not lost by a worker that does not serve the lane: it says so, and that somebody should look', async () => {
    const lanes = expect.stringMatching(/one started nothing for 61 s .*not served here/) as unknown;
    expect(await readinessOf(partsOf({ stuckSeconds: 61, serves: 'two' }))).toMatchObject({
      ...{ ready: true, degraded: true, checks: { lanes } },
    });
    const served = await readinessOf(partsOf({ stuckSeconds: 61, serves: 'one' }));
    expect(served).toMatchObject({ ready: false });
    expect(served.checks.lanes).not.toContain('not served here');
  });

  it('tells of a queue store that answers and takes nothing', async () => {
    const checks = { queue: 'in trouble: OOM' };
    expect(await readinessOf(partsOf({ canary: 'OOM' }))).toMatchObject({
      ready: true,
      degraded: true,
      checks,
    });
  });
});
