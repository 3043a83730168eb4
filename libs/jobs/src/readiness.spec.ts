import { readinessOf, ReadinessParts } from './readiness';

const partsOf = (change: {
  database?: 'away';
  queue?: 'away';
  spool?: string;
  pays?: boolean;
}): ReadinessParts => ({
  records: {
    leases: {
      clock: () => (change.database ? Promise.reject(new Error('away')) : Promise.resolve(new Date())),
    },
  } as unknown as ReadinessParts['records'],
  dispatch: { isUp: () => change.queue === undefined },
  live: { current: { version: 0 }, trouble: null } as unknown as ReadinessParts['live'],
  spool: { trouble: change.spool ?? null },
  pays: change.pays ?? true,
});

describe('readiness', () => {
  it('is lost without PostgreSQL, and not for want of a queue', async () => {
    expect(await readinessOf(partsOf({}))).toMatchObject({ ready: true });
    expect(await readinessOf(partsOf({ queue: 'away' }))).toMatchObject({ ready: true });
    expect(await readinessOf(partsOf({ database: 'away' }))).toMatchObject({ ready: false });
  });

  it('is lost by a worker that cannot spool, and not by an API, and both say why', async () => {
    const spool: unknown = expect.stringContaining('cannot be written (ENOSPC)');
    expect(await readinessOf(partsOf({ spool: 'ENOSPC' }))).toMatchObject({
      ready: false,
      checks: { spool },
    });
    expect(await readinessOf(partsOf({ spool: 'ENOSPC', pays: false }))).toMatchObject({
      ready: true,
      checks: { spool },
    });
  });
});
