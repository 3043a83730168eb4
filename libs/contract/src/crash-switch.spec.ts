import { ArmedCrash, CRASH_POINTS, crashModesOf } from './crash-points';
import { CrashSwitch } from './crash-switch';

/** A switch, and what it has done. */
function rig(armed: ArmedCrash): { readonly crash: CrashSwitch; readonly done: string[] } {
  const done: string[] = [];
  const effects = { say: (line: string) => done.push(line), signal: (name: string) => done.push(name) };
  return { crash: new CrashSwitch(armed, effects), done };
}

describe('a crash switch', () => {
  it.each([
    ['kill', 'SIGKILL'],
    ['stop', 'SIGSTOP'],
  ] as const)('says so and sends the signal of a %s, at its point and nowhere else', (mode, signal) => {
    const { crash, done } = rig({ point: 'after:claim', mode, visit: 1 });
    for (const point of CRASH_POINTS.filter((one) => one !== 'after:claim')) crash.reach(point);
    expect(done).toEqual([]);
    expect(crash.reach('after:claim')).toBe(false);
    expect(done).toEqual([`Crash point after:claim is reached: ${mode}.`, signal]);
  });

  it('tells its owner to hear no answer, and leaves the process alone', () => {
    const { crash, done } = rig({ point: 'after:claim', mode: 'timeout', visit: 1 });
    expect(crash.reach('after:claim')).toBe(true);
    expect(done).toEqual(['Crash point after:claim is reached: timeout.']);
  });

  it('waits for the visit that is meant, and acts once', () => {
    const { crash } = rig({ point: 'after:claim', mode: 'timeout', visit: 3 });
    const heard = Array.from({ length: 6 }, () => crash.reach('after:claim'));
    expect(heard).toEqual([false, false, true, false, false, false]);
  });

  it('is not there when nothing is armed', () => {
    expect(CrashSwitch.of(null)).toBeUndefined();
  });
});

describe('the crash points', () => {
  it('are many, and each has a name of its own', () => {
    expect(new Set(CRASH_POINTS).size).toBe(CRASH_POINTS.length);
    expect(CRASH_POINTS.length).toBeGreaterThanOrEqual(20);
  });

  it('lose an answer only where a store has given one', () => {
    const heardLess = CRASH_POINTS.filter((point) => crashModesOf(point).includes('timeout'));
    expect(heardLess).toEqual(expect.arrayContaining(['after:feed', 'after:ring', 'after:claim']));
    expect(heardLess.filter((point) => !point.startsWith('after:'))).toEqual([]);
    for (const point of ['after:spool', 'after:call', 'after:unspool'])
      expect(heardLess).not.toContain(point);
  });
});
