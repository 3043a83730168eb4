import { Records } from '@longhaul/records';
import { claimed, retry, targetOf } from '../support/records';
import {
  acceptMany,
  acceptOne,
  circuitsOf,
  claimNow,
  growing,
  halfOpen,
  probeOf,
  rowsOf,
  TARGET,
  twoLanes,
} from './circuit-rig';

let records: Records;

beforeEach(async () => {
  records = await twoLanes();
});

const rung = async () => {
  const fed = await records.feed.feed('one');
  return fed.fed ? fed.rung.map(({ jobId }) => jobId) : [];
};

describe('the feed of a half-open circuit', () => {
  it('rings one ticket, none while the probe is under way, and all when it has passed', async () => {
    await halfOpen(records, TARGET);
    const jobs = await acceptMany(records, 12);
    const [first, ...more] = await rung();
    expect(more).toEqual([]);
    expect(await rung()).toEqual([]);
    const probe = await probeOf(records, first ?? '');
    expect(await rung()).toEqual([]);
    await records.circuits.probePassed(probe.id, probe.fence);
    expect(await rung()).toHaveLength(10);
    expect(await rowsOf(records, 'SELECT 1 FROM jobs WHERE ring > 1')).toEqual([]);
    expect(jobs).toHaveLength(12);
  });

  it('rings one for a whole provider, whatever the models', async () => {
    await halfOpen(records, 'provider:one');
    await acceptMany(records, 3);
    await acceptMany(records, 3, { chain: [targetOf('one', 'other')] });
    expect(await rung()).toHaveLength(1);
    expect(await rung()).toEqual([]);
  });

  it('leaves the other models of the lane alone, and gives the probe its turn before them', async () => {
    await halfOpen(records, TARGET);
    await acceptMany(records, 20, { chain: [targetOf('one', 'other')], priority: 9 });
    const waiting = await acceptMany(records, 3);
    const first = await rung();
    expect(first).toHaveLength(10);
    expect(first.filter((id) => waiting.some((job) => job.id === id))).toHaveLength(1);
  });

  it('moves nothing, however many wait', async () => {
    await halfOpen(records, TARGET);
    await acceptMany(records, 3);
    await rung();
    expect(await records.feed.feed('one')).toMatchObject({ rung: [], barred: [] });
  });
});

describe('a changed key', () => {
  const declare = (credential: string) => records.lanes.declare([{ name: 'one', cap: 10, credential }], 20);
  const refused = growing({
    ...{ scope: 'credential:one:old', code: 'auth_failed', forMs: 3_600_000, growing: false },
  });

  it('is not barred by what the old one did, nor are the jobs that waited for it', async () => {
    await declare('one:old');
    const [first, second, later] = await acceptMany(records, 3);
    await records.settle.settle(retry(await claimed(records, first?.id ?? ''), refused));
    expect(await claimNow(records, second?.id ?? '')).toMatchObject({ answer: 'barred' });
    const [bar] = await records.jobs.barsOf([targetOf('one')]);
    const move = {
      ...{ jobId: second?.id ?? '', ring: 1, position: 0, target: targetOf('one'), error: null },
    };
    await records.jobs.move({ ...move, readyAt: bar?.until ?? null });
    expect(await claimNow(records, second?.id ?? '')).toEqual({ answer: 'stale', why: 'early' });

    await declare('one:old');
    expect(await claimNow(records, second?.id ?? '')).toEqual({ answer: 'stale', why: 'early' });
    expect(await records.lanes.unbar()).toBe(0);
    await declare('one:new');
    expect(await records.lanes.unbar()).toBe(1);
    expect(await records.jobs.barsOf([targetOf('one')])).toEqual([null]);
    for (const job of [second, later])
      expect(await claimNow(records, job?.id ?? '')).toMatchObject({ answer: 'claimed', probe: false });
  });

  it('is shown by the name of its provider, and an old one not at all', async () => {
    const circuits = async () => (await records.health.circuits()).circuits;
    await declare('one:old');
    const job = await acceptOne(records);
    await records.settle.settle(retry(await claimed(records, job.id), refused));
    expect(await circuits()).toMatchObject([{ scope: 'credential:one', code: 'auth_failed', state: 'open' }]);
    await declare('one:new');
    expect(await circuits()).toEqual([]);
  });
});

describe('circuits that nobody asks about any more', () => {
  it('are forgotten after a day', async () => {
    await halfOpen(records, 'target:one/gone');
    await rowsOf(records, `UPDATE cooldowns SET until = now() - interval '25 hours'`);
    await halfOpen(records, TARGET);
    await records.circuits.forgetOld();
    expect(await circuitsOf(records)).toMatchObject([{ scope: TARGET }]);
  });
});
