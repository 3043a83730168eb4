import { Metrics } from '@longhaul/metrics';
import { LaneStats } from '@longhaul/queue';
import { LanePulse, WriteRefusal } from '@longhaul/records';
import { follow, LaneState } from './lane-watch';
import { RoadMeter } from './road-meter';
import { judge, Watchdog } from './watchdog';

const pulse = (change: Partial<LanePulse> = {}): LanePulse => ({
  ...{ lane: 'one', startableSeconds: 5, newer: 0, mark: 'a' },
  ...change,
});
const state = (change: Partial<LaneState> = {}): LaneState => ({ ...pulse(), stuckSinceMs: 1000, ...change });

describe('a lane that is followed', () => {
  it('stands still from the first look that finds work and a slot', () => {
    expect(follow(undefined, pulse(), 2000).stuckSinceMs).toBe(2000);
    expect(follow(state({ stuckSinceMs: null }), pulse(), 2000).stuckSinceMs).toBe(2000);
  });

  it('stands still on while nothing has started or ended', () => {
    expect(follow(state(), pulse(), 2000).stuckSinceMs).toBe(1000);
  });

  it('goes on when a call has started or ended', () => {
    expect(follow(state(), pulse({ mark: 'b' }), 2000).stuckSinceMs).toBe(2000);
  });

  it('does not stand still when nothing could start: off, full, cooling, out of its limits, or empty', () => {
    expect(follow(state(), pulse({ startableSeconds: null }), 2000).stuckSinceMs).toBeNull();
  });
});

describe('the watchdog', () => {
  const at = (nowMs: number) => ({ nowMs, afterMs: 1000 });
  const deaf = { received: 3, heardMs: 1000, rebuiltMs: null };

  it.each([
    ['goes on', { stuckSinceMs: null }, deaf],
    ['has stood still for less', { stuckSinceMs: 2500 }, deaf],
    ['brought a ticket since', { stuckSinceMs: 1000 }, { ...deaf, heardMs: 2500 }],
    ['was rebuilt a moment ago', { stuckSinceMs: 1000 }, { ...deaf, rebuiltMs: 2500 }],
  ])('leaves a lane alone that %s', (_what, of, heard) => {
    expect(judge(of, heard, at(3000))).toBe('fine');
  });

  it('rebuilds one that has brought nothing for so long', () => {
    expect(judge({ stuckSinceMs: 1000 }, deaf, at(2000))).toBe('rebuild');
  });

  it('gives up when that has brought nothing either', () => {
    expect(judge({ stuckSinceMs: 1000 }, { ...deaf, rebuiltMs: 2000 }, at(3000))).toBe('give_up');
  });

  it('rebuilds again what had been heard of since the last time', () => {
    const heard = { received: 4, heardMs: 2500, rebuiltMs: 2000 };
    expect(judge({ stuckSinceMs: 2500 }, heard, at(3500))).toBe('rebuild');
  });
});

const AFTER_MS = 1000;
const NONE: LaneStats = {
  ...{ active: 0, received: 0, handled: 0, held: 0, faults: 0, lost: 0, dropped: 0, rebuilt: 0 },
};

/** A watchdog that looks twice in its time, at a lane which stands still from the first look to the last. */
function watching(
  refusal: () => Promise<WriteRefusal | null> = () => Promise.resolve(null),
  proveWrites: () => Promise<void> = () => Promise.resolve(),
) {
  const did: string[] = [];
  let stats = NONE;
  let [mark, started] = ['a', 0];
  let nowMs = 0;
  const watchdog = new Watchdog(
    {
      lanes: { stats: () => ({ one: stats }), rebuild: () => did.push('rebuild') },
      dispatch: { isUp: () => true, isPaused: () => Promise.resolve(false) },
      canary: { trouble: null, send: () => Promise.resolve(null) },
      records: { leases: { refusal }, lanes: { proveWrites } },
      grantedOf: () => started,
      meter: new RoadMeter(new Metrics(), { leaseMs: 1000, models: new Set() }),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      onFatal: ({ message }) => did.push(message),
    },
    AFTER_MS,
  );
  /** Between two looks the counters grow by so much, or a call starts. */
  async function goOn(looks: number, grown: Partial<LaneStats> = {}): Promise<readonly string[]> {
    for (let look = 0; look < looks; look += 1) {
      nowMs += AFTER_MS / 2;
      for (const [name, by] of Object.entries(grown))
        stats = { ...stats, [name]: stats[name as keyof LaneStats] + by };
      await watchdog.look([state({ mark, stuckSinceMs: 0 })], nowMs);
    }
    return did;
  }
  const start = (): unknown => ((mark += 'a'), (started += 1));
  const startElsewhere = (): unknown => (mark += 'a');
  return { goOn, start, startElsewhere };
}

const GAVE_UP = expect.stringContaining('Lane one still started nothing') as unknown;

describe('a watchdog over a lane whose tickets come, and that stands still', () => {
  it.each([
    ['throws', { received: 1, faults: 1 }],
    ['hangs', { received: 1, active: 1 }],
  ])('rebuilds it where every handler %s, then gives up, and says where to look', async (_what, grown) => {
    const did = await watching().goOn(9, grown);
    expect(did).toEqual(['rebuild', GAVE_UP]);
    expect(did[1]).toContain('tickets came, and none was answered');
  });

  it.each([
    ['stale, or spared', { received: 1, handled: 1 }],
    ['held', { received: 1, handled: 1, held: 1 }],
    ['of a newer Longhaul', { received: 1, dropped: 1 }],
  ])('leaves it alone where they are %s: a new process would do no more', async (_what, grown) => {
    expect(await watching().goOn(9, grown)).toEqual([]);
  });

  it('rebuilds it again where a call has started since, and goes on for long', async () => {
    const { goOn, start } = watching();
    expect(await goOn(3)).toEqual(['rebuild']);
    start();
    expect(await goOn(1, { received: 1, active: 1 })).toEqual(['rebuild']);
    expect(await goOn(2)).toEqual(['rebuild', 'rebuild']);
    expect(await goOn(2)).toEqual(['rebuild', 'rebuild', GAVE_UP]);
  });

  it('gives it up where only others have started calls since: they prove nothing of this process', async () => {
    const { goOn, startElsewhere } = watching();
    expect(await goOn(3, { received: 1, active: 1 })).toEqual(['rebuild']);
    startElsewhere();
    expect(await goOn(2, { received: 1, active: 1 })).toEqual(['rebuild', GAVE_UP]);
  });

  it('waits while PostgreSQL answers, and commits no write of a claim', async () => {
    const proveWrites = (): Promise<void> => Promise.reject(new Error('a lock'));
    expect(await watching(undefined, proveWrites).goOn(9, { received: 1, faults: 1 })).toEqual([]);
  });

  it.each<[string, () => Promise<WriteRefusal | null>]>([
    ['is full', () => Promise.resolve('no_room')],
    ['is read-only', () => Promise.resolve('read_only')],
    ['is away', () => Promise.reject(new Error('away'))],
  ])('waits while PostgreSQL %s: a new process would start as little', async (_what, refusal) => {
    expect(await watching(refusal).goOn(9, { received: 1, faults: 1 })).toEqual([]);
  });
});
