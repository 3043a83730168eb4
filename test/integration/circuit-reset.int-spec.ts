import { Records } from '@longhaul/records';
import { claimed, retry, targetOf } from '../support/records';
import {
  acceptMany,
  circuitsOf,
  claimNow,
  growing,
  halfOpen,
  probeOf,
  rowsOf,
  TARGET,
  twoLanes,
} from './circuit-rig';

const KEY = 'credential:one';

let records: Records;

beforeEach(async () => {
  records = await twoLanes();
});

const barMs = async (scope: string): Promise<number> => {
  const [bar] = await rowsOf(
    records,
    `SELECT (extract(epoch FROM until - clock_timestamp()) * 1000)::float8 AS ms FROM cooldowns WHERE scope = '${scope}'`,
  );
  return Number(bar?.['ms']);
};

const quota = (scope: string, forMs: number) =>
  growing({ scope, code: 'quota_exhausted', forMs, growing: false, mostMs: forMs });

describe('a probe that is told when its quota is whole again', () => {
  it.each([
    ['its model', TARGET, 7_200_000],
    ['its key', KEY, 7_200_000],
    ['its model, sooner than its strikes would have it', TARGET, 9_000],
  ])('opens the circuit of %s until then, and one call probes after that', async (_, scope, resetMs) => {
    await halfOpen(records, TARGET);
    await halfOpen(records, scope);
    await rowsOf(records, 'UPDATE cooldowns SET strikes = 6');
    const [first, second, third] = await acceptMany(records, 3);
    await records.settle.settle(retry(await probeOf(records, first?.id ?? ''), quota(scope, resetMs)));
    expect(await barMs(scope)).toBeGreaterThan(resetMs - 9_000);
    expect(await barMs(scope)).toBeLessThanOrEqual(resetMs);
    expect(await claimNow(records, second?.id ?? '')).toMatchObject({ answer: 'barred' });
    expect(await records.jobs.barsOf([targetOf('one')])).toMatchObject([{ code: 'quota_exhausted' }]);
    await rowsOf(records, 'UPDATE cooldowns SET until = now() WHERE until > now()');
    await probeOf(records, second?.id ?? '');
    expect(await claimNow(records, third?.id ?? '')).toEqual({ answer: 'probing' });
    expect(await rowsOf(records, 'SELECT 1 FROM attempts')).toHaveLength(2);
  });
});

describe('of two ends of a bar', () => {
  it('the later one holds, with its code, whichever is told last', async () => {
    const jobs = await acceptMany(records, 3);
    const held = await Promise.all(jobs.map(({ id }) => claimed(records, id)));
    const [long, short, longest] = held;
    if (!long || !short || !longest) throw new Error('three were claimed');
    const hint = (forMs: number) => growing({ growing: false, forMs, code: 'rate_limited' });
    await records.settle.settle(retry(long, quota(TARGET, 600_000)));
    await records.settle.settle(retry(short, hint(20_000)));
    expect(await barMs(TARGET)).toBeGreaterThan(500_000);
    expect(await records.jobs.barsOf([targetOf('one')])).toMatchObject([{ code: 'quota_exhausted' }]);
    await records.settle.settle(retry(longest, hint(1_200_000)));
    expect(await barMs(TARGET)).toBeGreaterThan(1_000_000);
    expect(await records.jobs.barsOf([targetOf('one')])).toMatchObject([{ code: 'rate_limited' }]);
  });

  it('a key that is paced by its headers shortens no bar, and takes no strike away', async () => {
    const [job] = await acceptMany(records, 1);
    const settlement = retry(await claimed(records, job?.id ?? ''), quota(TARGET, 600_000));
    await records.settle.settle(settlement);
    const limits = { requests: { limit: 60, remaining: 0, resetMs: 5_000 } };
    await records.rates.settle(
      { provider: 'one', targetModel: 'm' },
      {
        ...settlement,
        attempt: {
          ...settlement.attempt,
          trace: { totalMs: 1, phase: 'mid_answer', limits, adjustments: [] },
        },
      },
    );
    expect(await barMs(TARGET)).toBeGreaterThan(500_000);
    expect(await circuitsOf(records)).toMatchObject([{ scope: TARGET, strikes: 1 }]);
  });
});

describe('a circuit that is open', () => {
  it('is closed by no refusal that shows its target alive: that call was sent before', async () => {
    const [first, second] = await acceptMany(records, 2);
    const failing = await claimed(records, first?.id ?? '');
    const refused = await claimed(records, second?.id ?? '');
    await records.settle.settle(retry(failing, growing({ forMs: 60_000 })));
    await records.settle.settle({ ...retry(refused), warm: TARGET });
    expect(await circuitsOf(records)).toMatchObject([{ scope: TARGET, strikes: 1 }]);
    await rowsOf(records, 'UPDATE cooldowns SET until = now()');
    const [third] = await acceptMany(records, 1);
    await records.settle.settle({ ...retry(await probeOf(records, third?.id ?? '')), warm: TARGET });
    expect(await circuitsOf(records)).toMatchObject([{ scope: TARGET, strikes: 0 }]);
  });

  it('is closed by no first token of a probe that its headers have overtaken', async () => {
    await halfOpen(records, TARGET);
    const [job] = await acceptMany(records, 1);
    const probe = await probeOf(records, job?.id ?? '');
    await rowsOf(records, `UPDATE cooldowns SET until = now() + interval '1 minute'`);
    await records.circuits.probePassed(probe.id, probe.fence);
    expect(await circuitsOf(records)).toMatchObject([{ scope: TARGET, strikes: 1 }]);
  });
});
