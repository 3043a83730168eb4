import { Metrics } from '@longhaul/metrics';
import { HeldClaim, Renewed } from '@longhaul/records';
import { LeaseKeeper } from './lease';
import { RoadMeter } from './road-meter';

const LEASE_MS = 10_000;
describe('a lease keeper', () => {
  let clockMs = 0;
  /** By how much the clock of PostgreSQL is ahead, and how much later than it answers it is heard. */
  let aheadMs: number;
  let lateMs: number;
  let asked: (readonly HeldClaim[])[];
  let next: () => Promise<Renewed[]>;
  let takesWrites: boolean;
  let keeper: LeaseKeeper;
  let metrics: Metrics;
  let warned: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    warned = [];
    const log = {
      info: () => undefined,
      warn: (message: string) => void warned.push(message),
      error: () => undefined,
    };
    clockMs = aheadMs = lateMs = 0;
    metrics = new Metrics();
    asked = [];
    next = () => Promise.resolve([]);
    takesWrites = true;
    const renew = (claims: readonly HeldClaim[]) => {
      asked.push(claims);
      return next().then((renewed) => {
        const at = new Date(clockMs + aheadMs);
        clockMs += lateMs;
        return { renewed, at, takesWrites };
      });
    };
    const meter = new RoadMeter(metrics, { leaseMs: LEASE_MS, models: new Set() });
    keeper = new LeaseKeeper(renew, { leaseMs: LEASE_MS, now: () => clockMs }, { log, meter });
    keeper.start();
  });

  afterEach(() => {
    keeper.stop();
    jest.useRealTimers();
  });

  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clockMs += 500;
      await jest.advanceTimersByTimeAsync(500);
    }
  };

  it('reaches PostgreSQL at every quarter of a lease, also without a claim', async () => {
    await pass(LEASE_MS);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  it('judges no expired lease before a whole lease of unbroken contact', async () => {
    await pass(LEASE_MS - 500);
    expect(keeper.takeOverUntil()).toBeNull();
    await pass(1500);
    expect(keeper.takeOverUntil()).not.toBeNull();
  });

  it('begins to count anew after an error', async () => {
    await pass(LEASE_MS + 1000);
    next = () => Promise.reject(new Error('away'));
    await pass(LEASE_MS / 4);
    next = () => Promise.resolve([]);
    expect(keeper.takeOverUntil()).toBeNull();
    await pass(LEASE_MS - 500);
    expect(keeper.takeOverUntil()).toBeNull();
    await pass(LEASE_MS / 4 + 500);
    expect(keeper.takeOverUntil()).not.toBeNull();
  });

  it('begins to count anew while the disk of PostgreSQL is full, and hears of its own claims all the same', async () => {
    const gone = jest.fn();
    await pass(LEASE_MS + 1000);
    keeper.hold({ jobId: 'a', fence: 1 }, { onGone: gone, onCancel: () => undefined });
    takesWrites = false;
    await pass(LEASE_MS);
    expect(keeper.takeOverUntil()).toBeNull();
    expect(gone).toHaveBeenCalled();
    expect(warned).toEqual([expect.stringContaining('no lease is judged meanwhile')]);
    takesWrites = true;
    await pass(LEASE_MS - 500);
    expect(keeper.takeOverUntil()).toBeNull();
    await pass(LEASE_MS / 4 + 500);
    expect(keeper.takeOverUntil()).not.toBeNull();
  });

  it('begins to count anew after a gap over half a lease, as a stopped process has one', async () => {
    await pass(LEASE_MS + 1000);
    expect(keeper.takeOverUntil()).not.toBeNull();
    clockMs += LEASE_MS;
    expect(keeper.takeOverUntil()).toBeNull();
    await pass(LEASE_MS / 2);
    expect(keeper.takeOverUntil()).toBeNull();
  });

  it.each([
    ['forward', LEASE_MS + 1000],
    ['back', -LEASE_MS],
  ])(
    'begins to count anew when the clock of PostgreSQL is set %s, however well it answers',
    async (_, ms) => {
      await pass(LEASE_MS + 1000);
      expect(keeper.takeOverUntil()).not.toBeNull();
      aheadMs = ms;
      await pass(LEASE_MS / 4);
      // By that clock the leases of all who have not renewed theirs since may have run out.
      expect(keeper.takeOverUntil()).toBeNull();
      await pass((LEASE_MS * 3) / 4 - 500);
      expect(keeper.takeOverUntil()).toBeNull();
      await pass(LEASE_MS / 4 + 1000);
      expect(keeper.takeOverUntil()).not.toBeNull();
    },
  );

  it('counts on when an answer is heard late by less than a quarter of a lease, or clocks drift', async () => {
    await pass(LEASE_MS + 1000);
    for (const ms of [LEASE_MS / 4 - 500, 0, LEASE_MS / 15, 0]) {
      lateMs = ms;
      aheadMs += 100;
      await pass(LEASE_MS / 4);
      expect(keeper.takeOverUntil()).not.toBeNull();
    }
  });

  it('keeps a cancel that overtook the answer to its claim, for one lease', async () => {
    const heard: string[] = [];
    const watch = (name: string) => ({
      onGone: () => heard.push(`${name} gone`),
      onCancel: () => heard.push(`${name} cancelled`),
    });
    keeper.cancel('a');
    keeper.hold({ jobId: 'a', fence: 1 }, watch('a'));
    expect(heard).toEqual(['a cancelled']);
    keeper.release({ jobId: 'a', fence: 1 });
    keeper.cancel('b');
    await pass(LEASE_MS * 2);
    keeper.hold({ jobId: 'b', fence: 1 }, watch('b'));
    expect(heard).toEqual(['a cancelled']);
  });

  it('tells a claim that its fence is gone, and another that it was cancelled; a missed renewal tells nothing', async () => {
    const heard: string[] = [];
    const watch = (name: string) => ({
      onGone: () => heard.push(`${name} gone`),
      onCancel: () => heard.push(`${name} cancelled`),
    });
    keeper.hold({ jobId: 'a', fence: 1 }, watch('a'));
    keeper.hold({ jobId: 'b', fence: 2 }, watch('b'));
    keeper.hold({ jobId: 'c', fence: 3 }, watch('c'));
    next = () => Promise.reject(new Error('away'));
    await pass(LEASE_MS);
    expect(heard).toEqual([]);
    next = () =>
      Promise.resolve([
        { jobId: 'b', fence: 2, cancelRequested: true },
        { jobId: 'c', fence: 3, cancelRequested: false },
      ]);
    await pass(LEASE_MS / 4);
    expect(heard).toEqual(['a gone', 'b cancelled']);
  });

  it('counts each lease of each renewal: renewed, not renewed, or gone', async () => {
    const counted = async () =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('longhaul_lease_renewals_total'));
    const watch = { onGone: () => keeper.release({ jobId: 'a', fence: 1 }), onCancel: () => undefined };
    keeper.hold({ jobId: 'a', fence: 1 }, watch);
    keeper.hold({ jobId: 'b', fence: 2 }, watch);
    const kept = { jobId: 'b', fence: 2, cancelRequested: false };
    next = () => Promise.resolve([{ ...kept, jobId: 'a', fence: 1 }, kept]);
    await pass(500);
    next = () => Promise.reject(new Error('away'));
    await pass(LEASE_MS / 4);
    next = () => Promise.resolve([kept]);
    await pass(LEASE_MS / 4);
    expect(await counted()).toEqual([
      'longhaul_lease_renewals_total{outcome="ok"} 3',
      'longhaul_lease_renewals_total{outcome="failed"} 2',
      'longhaul_lease_renewals_total{outcome="gone"} 1',
    ]);
  });

  it('says nothing to a claim that was released while the renewal ran', async () => {
    const heard: string[] = [];
    let answer: (renewed: Renewed[]) => void = () => undefined;
    keeper.hold({ jobId: 'a', fence: 1 }, { onGone: () => heard.push('gone'), onCancel: () => undefined });
    next = () => new Promise((resolve) => (answer = resolve));
    await pass(LEASE_MS / 4);
    keeper.release({ jobId: 'a', fence: 1 });
    answer([]);
    await pass(500);
    expect(heard).toEqual([]);
  });

  it('tells an earlier claim of the same job that its fence is gone', () => {
    const heard: string[] = [];
    const watch = (name: string) => ({ onGone: () => heard.push(name), onCancel: () => undefined });
    keeper.hold({ jobId: 'a', fence: 1 }, watch('first'));
    keeper.hold({ jobId: 'a', fence: 2 }, watch('second'));
    expect(heard).toEqual(['first']);
  });

  it('lends the right to judge only for half a lease from the last contact, on the clock of PostgreSQL', async () => {
    await pass(2 * LEASE_MS);
    expect(keeper.takeOverUntil()?.getTime()).toBeGreaterThan(clockMs);
    expect(keeper.takeOverUntil()?.getTime()).toBeLessThanOrEqual(clockMs + LEASE_MS / 2);
  });
});
