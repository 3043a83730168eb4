import { CancelWatch } from './cancel-watch';

describe('a watch for cancels', () => {
  let jobIds: string[];
  let asked: (readonly string[])[];
  let cancelled: string[];
  let answer: () => Promise<string[]>;
  let watch: CancelWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    [jobIds, asked, cancelled] = [['a', 'b'], [], []];
    answer = () => Promise.resolve(['b']);
    const keeper = {
      get jobIds() {
        return jobIds;
      },
      cancel: (jobId: string) => void cancelled.push(jobId),
    };
    watch = new CancelWatch(keeper, (ids) => {
      asked.push(ids);
      return answer();
    });
    watch.start();
  });

  afterEach(() => {
    watch.stop();
    jest.useRealTimers();
  });

  it('tells within a second of those that run here and are cancelled, however often it has looked', async () => {
    answer = () => Promise.resolve([]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(cancelled).toEqual([]);
    answer = () => Promise.resolve(['b']);
    await jest.advanceTimersByTimeAsync(1000);
    expect(cancelled).toContain('b');
    expect(new Set(asked.flat())).toEqual(new Set(['a', 'b']));
  });

  it('asks nothing while nothing runs, and looks again when something does', async () => {
    jobIds = [];
    await jest.advanceTimersByTimeAsync(5000);
    expect(asked).toEqual([]);
    jobIds = ['c'];
    await jest.advanceTimersByTimeAsync(1000);
    expect(asked).toEqual([['c']]);
  });

  it('asks once at a time of a PostgreSQL that is slow, and goes on after a failure', async () => {
    let fail: (thrown: Error) => void = () => undefined;
    answer = () => new Promise((_, reject) => (fail = reject));
    await jest.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(1);
    fail(new Error('away'));
    answer = () => Promise.resolve(['a']);
    await jest.advanceTimersByTimeAsync(1000);
    expect(cancelled).toEqual(['a']);
  });

  it('ends with its process, also in the middle of a look', async () => {
    let tell: (ids: string[]) => void = () => undefined;
    answer = () => new Promise((resolve) => (tell = resolve));
    await jest.advanceTimersByTimeAsync(1000);
    watch.stop();
    tell([]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
