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
  let stops: number;
  let stop: () => Promise<void>;

  beforeEach(() => {
    jest.useFakeTimers();
    [exits, said, active, kills, stops] = [[], [], [], [], 0];
    stop = () => new Promise(() => undefined);
    process = Object.assign(new EventEmitter(), {
      exit: (code?: number | string | null): never => {
        exits.push(Number(code));
        return undefined as never;
      },
      pid: 7,
      kill: (...words: unknown[]) => kills.push(words),
      getActiveResourcesInfo: () => active,
    });
    const stopping = (): Promise<void> => {
      stops += 1;
      return stop();
    };
    const told = process as unknown as NodeJS.Process;
    ending = new Ending({ mostMs: MOST_MS, stop: stopping, process: told, say: (line) => said.push(line) });
    ending.hearSignals();
  });

  afterEach(() => jest.useRealTimers());

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it.each(STOP_SIGNALS)('ends at once at a second signal, whichever it is (%s)', async (second) => {
    process.emit('SIGTERM');
    await pass(301);
    expect(exits).toEqual([]);
    process.emit(second);
    expect(exits).toEqual([1]);
    expect(said).toEqual([expect.stringContaining('second signal')]);
  });

  it('takes an echo for the same wish: npm and systemd send one', async () => {
    process.emit('SIGINT');
    await pass(150);
    process.emit('SIGINT');
    process.emit('SIGHUP');
    await pass(149);
    process.emit('SIGHUP');
    expect(exits).toEqual([]);
  });

  it('takes an echo for one, too, that it hears late because its event loop was busy', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    process.emit('SIGTERM');
    // The timers that are due come first then, and signals before what `setImmediate` holds.
    jest.advanceTimersByTime(1000);
    process.emit('SIGTERM');
    expect(exits).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    process.emit('SIGTERM');
    expect(exits).toEqual([1]);
  });

  it('ends when its time is over, and not before', async () => {
    process.emit('SIGTERM');
    await pass(MOST_MS - 1);
    expect(exits).toEqual([]);
    await pass(1);
    expect(exits).toEqual([1]);
    expect(said).toEqual([expect.stringContaining('longer than 30 s')]);
  });

  it('has no end of its own without a signal', async () => {
    await pass(10 * MOST_MS);
    expect(exits).toEqual([]);
  });

  it('ends with 0 as soon as its stop has ended, which begins with the signal', async () => {
    let over = (): void => undefined;
    stop = () => new Promise((resolve) => (over = resolve));
    process.emit('SIGTERM');
    expect(stops).toBe(1);
    await pass(5000);
    expect(exits).toEqual([]);
    over();
    await pass(0);
    expect(exits).toEqual([0]);
  });

  it('ends with a failure, and says why, when its stop fails', async () => {
    stop = () => Promise.reject(new Error('no such hook'));
    process.emit('SIGTERM');
    await pass(0);
    expect([exits, said]).toEqual([[1], ['The stop failed: no such hook']]);
  });

  it('that goes down by itself ends with a failure as soon as it has stopped', async () => {
    stop = () => Promise.resolve();
    ending.fail();
    await pass(0);
    expect(exits).toEqual([1]);
  });

  it('that goes down by itself, and whose stop does not end, ends in its time', async () => {
    ending.fail();
    await pass(MOST_MS - 1);
    expect(exits).toEqual([]);
    await pass(1);
    expect(exits).toEqual([1]);
  });

  it('stops once, and what began it decides the exit code', async () => {
    let over = (): void => undefined;
    stop = () => new Promise((resolve) => (over = resolve));
    ending.fail();
    process.emit('SIGTERM');
    ending.fail();
    over();
    await pass(0);
    expect([stops, exits]).toEqual([1, [1]]);
  });

  it('waits a second for its last file operations, and is killed where one hangs: its exit would wait for that', async () => {
    active = ['Timeout', 'FSReqPromise'];
    stop = () => Promise.resolve();
    process.emit('SIGTERM');
    await pass(999);
    expect([exits, kills]).toEqual([[], []]);
    await pass(1);
    expect(kills).toEqual([[7, 'SIGKILL']]);
  });

  it('ends with 0 where they end', async () => {
    active = ['FSReqCallback'];
    stop = () => Promise.resolve();
    process.emit('SIGTERM');
    await pass(500);
    active = ['Timeout'];
    await pass(20);
    expect([exits, kills]).toEqual([[0], []]);
  });

  it.each(['FSReqPromise', 'FSReqCallback', 'CloseReq'])(
    'is killed where a file operation hangs at a second signal (%s)',
    async (operation) => {
      active = [operation];
      process.emit('SIGTERM');
      await pass(301);
      process.emit('SIGTERM');
      await pass(999);
      expect(kills).toEqual([]);
      await pass(1);
      expect(kills).toEqual([[7, 'SIGKILL']]);
    },
  );

  it('is killed where one hangs at the end of its time', async () => {
    active = ['FSReqPromise'];
    process.emit('SIGTERM');
    await pass(MOST_MS + 999);
    expect(kills).toEqual([]);
    await pass(1);
    expect(kills).toEqual([[7, 'SIGKILL']]);
  });

  it('ends with 1 after a second signal, though its stop ends before its last file operation', async () => {
    let over = (): void => undefined;
    stop = () => new Promise((resolve) => (over = resolve));
    active = ['FSReqCallback'];
    process.emit('SIGTERM');
    await pass(301);
    process.emit('SIGTERM');
    active = [];
    over();
    await pass(20);
    expect(exits).toEqual([1]);
  });

  it('ends with 1 at a second signal that meets a file operation which ends', async () => {
    active = ['FSReqCallback'];
    process.emit('SIGTERM');
    await pass(301);
    process.emit('SIGTERM');
    active = [];
    await pass(20);
    expect([exits, kills]).toEqual([[1], []]);
  });
});
