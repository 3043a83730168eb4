import { Database, Records } from '@longhaul/records';
import { claim, claimed, completion, retry, soon, targetOf } from '../support/records';
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
/** Another process: its own pool over the same database. */
let others: Records;

beforeEach(async () => {
  records = await twoLanes();
  const url = records.database.pool.options.connectionString ?? '';
  others = new Records(new Database({ url, poolSize: 10, callMs: 10_000 }));
});

afterEach(() => others.close());

const barMs = async () => {
  const [bar] = await records.jobs.barsOf([targetOf('one')]);
  return bar?.until ? bar.until.getTime() - (await records.leases.clock()).getTime() : 0;
};

describe('a circuit', () => {
  it.each([
    ['its target', TARGET],
    ['its key', 'credential:one'],
    ['its provider', 'provider:one'],
  ])('that is half-open for %s lets one of many claims through, from two processes', async (_name, scope) => {
    await halfOpen(records, scope);
    const jobs = await acceptMany(records, 10);
    const answers = await Promise.all(
      jobs.map(({ id }, at) => claimNow(at % 2 === 0 ? records : others, id)),
    );
    const won = answers.filter(({ answer }) => answer === 'claimed');
    expect(won).toMatchObject([{ probe: true }]);
    expect(answers.filter(({ answer }) => answer === 'probing')).toHaveLength(9);
    expect(await rowsOf(records, 'SELECT 1 FROM slots WHERE job_id IS NOT NULL')).toHaveLength(2);
  });

  it('puts a job back that comes while the probe is under way: no attempt, another ring, still ready', async () => {
    await halfOpen(records, TARGET);
    const [first, second] = await acceptMany(records, 2);
    await probeOf(records, first?.id ?? '');
    const before = await records.jobs.read(second?.id ?? '');
    expect(await claimNow(records, second?.id ?? '')).toEqual({ answer: 'probing' });
    expect(await records.jobs.read(second?.id ?? '')).toMatchObject({
      ...{ status: 'queued', attempts: 0, ring: (before?.ring ?? 0) + 1, rungAt: null },
      readyAt: before?.readyAt,
    });
  });

  it('is closed by the probe’s answer, and for key and provider with it', async () => {
    for (const scope of [TARGET, 'credential:one', 'provider:one', 'provider:two'])
      await halfOpen(records, scope);
    const [first, second, third] = await acceptMany(records, 3);
    const probe = await probeOf(records, first?.id ?? '');
    await records.settle.settle({ ...completion(probe), warm: TARGET });
    expect((await circuitsOf(records)).map(({ strikes }) => strikes)).toEqual([0, 0, 1, 0]);
    for (const job of [second, third])
      expect(await claimNow(records, job?.id ?? '')).toMatchObject({ answer: 'claimed', probe: false });
  });

  it('is closed by the first token of the probe, while its answer goes on', async () => {
    await halfOpen(records, TARGET);
    const [first, second] = await acceptMany(records, 2);
    const probe = await probeOf(records, first?.id ?? '');
    await records.circuits.probePassed(probe.id, probe.fence + 1);
    expect(await claimNow(records, second?.id ?? '')).toEqual({ answer: 'probing' });
    await records.circuits.probePassed(probe.id, probe.fence);
    expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 0, probe: null }]);
    expect(await claimNow(records, second?.id ?? '')).toMatchObject({ answer: 'claimed', probe: false });
  });

  it('opens again, for longer, with each probe that fails, up to a limit', async () => {
    const job = await acceptOne(records);
    const bars: number[] = [];
    for (let strike = 0; strike < 9; strike += 1) {
      if (strike > 0) await halfOpen(records, TARGET);
      const answer = await claimNow(records, job.id);
      if (answer.answer !== 'claimed') throw new Error(answer.answer);
      await rowsOf(records, `UPDATE jobs SET max_calls = 99`);
      await records.settle.settle(retry(answer.job, growing({ firstMs: 400 })));
      bars.push(Math.round((await barMs()) / 100) * 100);
    }
    const slack = (ms: number) => ms - 300;
    for (const [at, ms] of [400, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000].entries()) {
      expect(bars[at]).toBeGreaterThanOrEqual(slack(ms));
      expect(bars[at]).toBeLessThanOrEqual(ms);
    }
  });

  it('is not made worse by calls that were under way when it opened; only a hint prolongs it', async () => {
    const jobs = await acceptMany(records, 4);
    const held = await Promise.all(jobs.map(({ id }) => claimed(records, id)));
    for (const job of held.slice(0, 3)) await records.settle.settle(retry(job, growing({ forMs: 20_000 })));
    expect(await circuitsOf(records)).toMatchObject([{ strikes: 1 }]);
    expect(await barMs()).toBeLessThanOrEqual(20_000);
    const [last] = held.slice(3);
    if (!last) throw new Error('four were claimed');
    await records.settle.settle(
      retry(last, growing({ growing: false, forMs: 90_000, code: 'rate_limited' })),
    );
    expect(await barMs()).toBeGreaterThan(80_000);
    expect(await records.jobs.barsOf([targetOf('one')])).toMatchObject([{ code: 'rate_limited' }]);
  });

  it('that is soft closes by itself, and stays half-open when it was', async () => {
    const soft = growing({ growing: false, probed: false, forMs: 0, code: 'timeout' });
    const [first, second] = await acceptMany(records, 2);
    await records.settle.settle(retry(await claimed(records, first?.id ?? ''), soft));
    expect(await claimNow(records, second?.id ?? '')).toMatchObject({ answer: 'claimed', probe: false });
    await halfOpen(records, TARGET);
    await records.settle.settle(retry(await probeOf(records, first?.id ?? ''), soft));
    expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 1, probe: null }]);
  });

  it('is not closed by an answer that comes while it is open', async () => {
    const [first, second] = await acceptMany(records, 2);
    const [failing, answering] = [
      await claimed(records, first?.id ?? ''),
      await claimed(records, second?.id ?? ''),
    ];
    await records.settle.settle(retry(failing, growing()));
    await records.settle.settle({ ...completion(answering), warm: TARGET });
    expect(await circuitsOf(records)).toMatchObject([{ strikes: 1 }]);
  });
});

describe('the place of the probe', () => {
  const next = async (id: string) => (await claimNow(records, id)).answer;

  it('is free again when the probe ended without a word on its target', async () => {
    await halfOpen(records, TARGET);
    const [first, second, third] = await acceptMany(records, 3);
    await records.settle.settle(retry(await probeOf(records, first?.id ?? '')));
    await probeOf(records, second?.id ?? '');
    expect(await next(third?.id ?? '')).toBe('probing');
  });

  it('is free again when its worker died, and when its job was deleted', async () => {
    await halfOpen(records, TARGET);
    const [first, second, third] = await acceptMany(records, 3);
    await claim(records, first?.id ?? '', { leaseMs: -1 });
    expect(await next(second?.id ?? '')).toBe('probing');
    await records.leases.freeDead(soon());
    const probe = await probeOf(records, second?.id ?? '');
    await records.settle.settle(completion(probe));
    expect(await records.removals.remove(probe.id, 'local')).toBe('removed');
    await probeOf(records, third?.id ?? '');
  });

  it('is kept by a job that another worker takes over', async () => {
    await halfOpen(records, TARGET);
    const job = await acceptOne(records);
    await claim(records, job.id, { leaseMs: -1 });
    expect(await claim(records, job.id, { takeOverUntil: soon() })).toMatchObject({
      answer: 'claimed',
      tookOver: true,
      probe: true,
    });
    expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 1, probe: job.id }]);
  });

  it('is taken by nobody who gets no slot', async () => {
    await halfOpen(records, TARGET);
    await records.lanes.declare([{ name: 'one', cap: 1 }], 20);
    await claimed(records, (await acceptOne(records, { chain: [targetOf('one', 'other')] })).id);
    expect(await next((await acceptOne(records)).id)).toBe('full');
    expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 1, probe: null }]);
  });
});
