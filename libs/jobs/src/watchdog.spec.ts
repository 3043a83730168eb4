import { LanePulse } from '@longhaul/records';
import { follow, LaneState } from './lane-watch';
import { judge } from './watchdog';

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
