import { CallPhase } from '@longhaul/contract';
import { CallClocks, ClockName, RunningClocks, Timers } from './clocks';

/** Time that moves only when told. */
class HandTimers implements Timers {
  private nowMs = 0;
  private nextHandle = 0;
  private readonly waiting = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  setTimeout(run: () => void, afterMs: number): number {
    this.nextHandle += 1;
    this.waiting.set(this.nextHandle, { atMs: this.nowMs + afterMs, run });
    return this.nextHandle;
  }

  clearTimeout(handle: unknown): void {
    this.waiting.delete(handle as number);
  }

  now(): number {
    return this.nowMs;
  }

  get count(): number {
    return this.waiting.size;
  }

  advance(byMs: number): void {
    const untilMs = this.nowMs + byMs;
    for (;;) {
      const due = [...this.waiting].filter(([, { atMs }]) => atMs <= untilMs);
      const [next] = due.sort(([, a], [, b]) => a.atMs - b.atMs);
      if (next === undefined) break;
      const [handle, { atMs, run }] = next;
      this.waiting.delete(handle);
      this.nowMs = atMs;
      run();
    }
    this.nowMs = untilMs;
  }
}

const CLOCKS: CallClocks = { connectMs: 10, firstTokenMs: 120, idleMs: 50, totalMs: 600 };

function start(changes: Partial<CallClocks> = {}, signal = new AbortController().signal) {
  const timers = new HandTimers();
  const fired: [ClockName, CallPhase, number][] = [];
  const expiry = new Error('a clock ran out');
  const onExpiry = (clock: ClockName, phase: CallPhase): Error => {
    fired.push([clock, phase, timers.now()]);
    return expiry;
  };
  const clocks = new RunningClocks({ clocks: { ...CLOCKS, ...changes }, signal, timers, onExpiry });
  return { clocks, timers, fired, expiry };
}

describe('the clocks of a call', () => {
  it('end a call that finds no connection', () => {
    const { clocks, timers, fired, expiry } = start();
    timers.advance(9);
    expect(clocks.signal.aborted).toBe(false);
    timers.advance(1);
    expect(fired).toEqual([['connect', 'before_send', 10]]);
    expect(clocks.signal.reason).toBe(expiry);
  });

  it('count the first token from sending, not from the start', () => {
    const { clocks, timers, fired } = start();
    timers.advance(8);
    clocks.sent();
    timers.advance(119);
    expect(fired).toEqual([]);
    timers.advance(1);
    expect(fired).toEqual([['first_token', 'before_headers', 128]]);
  });

  it('take headers for no token', () => {
    const { clocks, timers, fired } = start();
    clocks.sent();
    timers.advance(100);
    clocks.answered();
    timers.advance(20);
    expect(fired).toEqual([['first_token', 'before_first_token', 120]]);
  });

  it('wind the idle clock up again with every token', () => {
    const { clocks, timers, fired } = start();
    clocks.sent();
    clocks.answered();
    for (let token = 0; token < 5; token += 1) {
      timers.advance(49);
      clocks.token();
    }
    timers.advance(49);
    expect(fired).toEqual([]);
    timers.advance(1);
    expect(fired).toEqual([['idle', 'mid_answer', 5 * 49 + 50]]);
  });

  it('end a call that never pauses by the total clock', () => {
    const { clocks, timers, fired } = start({ totalMs: 100 });
    clocks.sent();
    clocks.answered();
    for (let token = 0; token < 20; token += 1) {
      clocks.token();
      timers.advance(10);
    }
    expect(fired).toEqual([['total', 'mid_answer', 100]]);
  });

  it('let only the first one speak, and leave no timer behind', () => {
    const { clocks, timers, fired } = start({ totalMs: 120 });
    clocks.sent();
    timers.advance(10_000);
    expect(fired).toHaveLength(1);
    expect(timers.count).toBe(0);
  });

  it('are silent after stop', () => {
    const { clocks, timers, fired } = start();
    clocks.sent();
    clocks.token();
    clocks.stop();
    timers.advance(10_000);
    expect(fired).toEqual([]);
    expect(timers.count).toBe(0);
    expect(clocks.signal.aborted).toBe(false);
  });

  it("pass the caller's reason on as it is, whenever it comes", () => {
    const early = new AbortController();
    early.abort('a plain reason');
    expect(start({}, early.signal).clocks.signal.reason).toBe('a plain reason');
    expect(start({}, early.signal).timers.count).toBe(0);

    const late = new AbortController();
    const { clocks, timers } = start({}, late.signal);
    const reason = new Error('cancelled');
    late.abort(reason);
    expect(clocks.signal.reason).toBe(reason);
    expect(timers.count).toBe(0);
  });

  it('know clocks longer than a Node timer can hold', () => {
    const { timers, fired } = start({ connectMs: 2 ** 40, totalMs: 2 ** 40 });
    timers.advance(2 ** 31 - 2);
    expect(fired).toEqual([]);
  });
});
