import { EventEmitter } from 'node:events';
import { Ending, STOP_SIGNALS } from './stop-signals';

const MOST_MS = 30_000;

describe('a process that was told to stop', () => {
  let exits: number[];
  let said: string[];
  let process: EventEmitter;
  let ending: Ending;
  /** What Node says of what is under way. */
  let active: string[];
  let kills: unknown[];

  beforeEach(() => {
    jest.useFakeTimers();
    [exits, said, active, kills] = [[], [], [], []];
    process = Object.assign(new EventEmitter(), {
      exit: (code?: number | string | null): never => {
        exits.push(Number(code));
        return undefined as never;
      },
      pid: 7,
      kill: (...words: unknown[]) => kills.push(words),
      getActiveResourcesInfo: () => active,
    });
    const stopped = process as unknown as NodeJS.Process;
    ending = new Ending({ mostMs: MOST_MS, process: stopped, say: (line) => said.push(line) });
    ending.hearSignals();
  });

  afterEach(() => jest.useRealTimers());

  const pass = (ms: number): void => {
    jest.advanceTimersByTime(ms);
  };

  it.each(STOP_SIGNALS)('ends at once at a second signal, whichever it is (%s)', (second) => {
    process.emit('SIGTERM');
    pass(301);
    expect(exits).toEqual([]);
    process.emit(second);
    expect(exits).toEqual([1]);
    expect(said).toEqual([expect.stringContaining('second signal')]);
  });

  it('takes an echo for the same wish: npm and systemd send one', () => {
    process.emit('SIGINT');
    pass(150);
    process.emit('SIGINT');
    process.emit('SIGHUP');
    pass(149);
    process.emit('SIGHUP');
    expect(exits).toEqual([]);
  });

  it('takes an echo for one, too, that it hears late because its event loop was busy', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    process.emit('SIGTERM');
    // The timers that are due come first then, and signals before what `setImmediate` holds.
    pass(1000);
    process.emit('SIGTERM');
    expect(exits).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    process.emit('SIGTERM');
    expect(exits).toEqual([1]);
  });

  it('ends when its time is over, and not before', () => {
    process.emit('SIGTERM');
    pass(MOST_MS - 1);
    expect(exits).toEqual([]);
    pass(1);
    expect(exits).toEqual([1]);
    expect(said).toEqual([expect.stringContaining('longer than 30 s')]);
  });

  it('has no end of its own without a signal', () => {
    pass(10 * MOST_MS);
    expect(exits).toEqual([]);
  });

  it('that goes down by itself ends with a failure as soon as it has stopped', async () => {
    ending.failAfter(Promise.resolve());
    await jest.advanceTimersByTimeAsync(0);
    expect(exits).toEqual([1]);
  });

  it('that goes down by itself, and whose stop does not end, ends in its time', () => {
    ending.failAfter(new Promise(() => undefined));
    pass(MOST_MS - 1);
    expect(exits).toEqual([]);
    pass(1);
    expect(exits).toEqual([1]);
  });

  it('is killed where a file operation hangs: its exit would wait for that', async () => {
    active = ['Timeout', 'FSReqPromise'];
    ending.failAfter(Promise.resolve());
    await jest.advanceTimersByTimeAsync(0);
    expect([exits, kills]).toEqual([[], [[7, 'SIGKILL']]]);
  });
});
