import { Metrics } from '@longhaul/metrics';
import { ShownProgress } from '@longhaul/records';
import { Heartbeat } from './heartbeat';
import { Pulse } from './pulse';
import { RoadMeter } from './road-meter';

const EVERY_MS = 1000;

/** A clock of the spec's own, with the timers that hang on it. */
class Clock {
  ms = 0;
  private due: { run: () => void; atMs: number }[] = [];
  readonly timers = {
    now: () => this.ms,
    setTimeout: (run: () => void, afterMs: number) => {
      const timer = { run, atMs: this.ms + afterMs };
      this.due.push(timer);
      return timer;
    },
    clearTimeout: (timer: unknown) => {
      this.due = this.due.filter((other) => other !== timer);
    },
  };

  get waiting(): number {
    return this.due.length;
  }

  async pass(ms: number): Promise<void> {
    for (const untilMs = this.ms + ms; this.ms < untilMs;) {
      this.ms += 100;
      const ripe = this.due.filter(({ atMs }) => atMs <= this.ms);
      this.due = this.due.filter(({ atMs }) => atMs > this.ms);
      for (const { run } of ripe) run();
      await new Promise(setImmediate);
    }
  }
}

describe('the heartbeat', () => {
  let clock: Clock;
  let beats: (readonly ShownProgress[])[];
  let show: (shown: readonly ShownProgress[]) => Promise<readonly string[]>;
  let metrics: Metrics;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    clock = new Clock();
    beats = [];
    show = (shown) => Promise.resolve(shown.map(({ jobId }) => jobId));
    metrics = new Metrics();
    const counted = (shown: readonly ShownProgress[]) => {
      beats.push(shown);
      return show(shown);
    };
    const meter = new RoadMeter(metrics, { leaseMs: 10_000, models: new Set() });
    heartbeat = new Heartbeat(counted, { everyMs: EVERY_MS, timers: clock.timers }, meter);
  });

  const started = (jobId: string, fence = 1): Pulse => {
    const pulse = new Pulse('m', () => clock.ms);
    heartbeat.watch({ jobId, fence }, pulse);
    pulse.call();
    return pulse;
  };
  const messages = (jobId: string) =>
    beats.flatMap((beat) =>
      beat.filter((shown) => shown.jobId === jobId).map(({ progress }) => progress.message),
    );

  it('tells of twenty calls in one statement a second, however many tokens come', async () => {
    const pulses = Array.from({ length: 20 }, (_, index) => started(`job_${String(index)}`));
    for (let tenth = 0; tenth < 50; tenth += 1) {
      for (const pulse of pulses) pulse.heard(tenth * 40 + 4);
      await clock.pass(100);
    }
    expect(beats.map((beat) => beat.length)).toEqual([20, 20, 20, 20, 20]);
  });

  it('goes on through the silence of a provider', async () => {
    started('job_a');
    await clock.pass(3000);
    expect(messages('job_a')).toEqual([
      'waiting for the first token of m for 1 s',
      'waiting for the first token of m for 2 s',
      'waiting for the first token of m for 3 s',
    ]);
  });

  it('leaves out what has not changed, and asks nothing when nothing has', async () => {
    const pulse = new Pulse('m', () => clock.ms);
    pulse.say('reading');
    heartbeat.watch({ jobId: 'job_a', fence: 1 }, pulse);
    await clock.pass(3000);
    expect(messages('job_a')).toEqual(['reading']);
    pulse.say('writing');
    await clock.pass(1000);
    expect(messages('job_a')).toEqual(['reading', 'writing']);
  });

  it('tells again of a job that the statement passed over', async () => {
    show = () => Promise.resolve([]);
    const pulse = new Pulse('m', () => clock.ms);
    pulse.say('reading');
    heartbeat.watch({ jobId: 'job_a', fence: 1 }, pulse);
    await clock.pass(2000);
    expect(messages('job_a')).toEqual(['reading', 'reading']);
  });

  it('waits for a beat that PostgreSQL is slow with: none piles up, and no call is held up', async () => {
    let answer = (): void => undefined;
    show = (shown) =>
      new Promise((resolve) => {
        answer = () => {
          resolve(shown.map(({ jobId }) => jobId));
        };
      });
    started('job_a');
    await clock.pass(10_000);
    expect(beats).toHaveLength(1);
    answer();
    await clock.pass(1000);
    expect(beats).toHaveLength(2);
  });

  it('drops a beat that failed, says so in the metrics, and goes on', async () => {
    show = () => Promise.reject(new Error('away'));
    started('job_a');
    await clock.pass(2000);
    show = (shown) => Promise.resolve(shown.map(({ jobId }) => jobId));
    await clock.pass(1000);
    expect(messages('job_a').at(-1)).toBe('waiting for the first token of m for 3 s');
    const text = await metrics.text();
    expect(text).toContain('longhaul_progress_beats_total{outcome="failed"} 2\n');
    expect(text).toContain('longhaul_progress_beats_total{outcome="written"} 1\n');
  });

  it('rests when nothing runs, and after a stop', async () => {
    expect(clock.waiting).toBe(0);
    started('job_a');
    heartbeat.leave({ jobId: 'job_a', fence: 1 });
    await clock.pass(2000);
    expect([beats.length, clock.waiting]).toEqual([0, 0]);
    started('job_b');
    heartbeat.stop();
    await clock.pass(2000);
    expect([beats.length, clock.waiting]).toEqual([0, 0]);
  });

  it('keeps the newer claim of a job when the older one leaves', async () => {
    started('job_a', 1);
    started('job_a', 2);
    heartbeat.leave({ jobId: 'job_a', fence: 1 });
    await clock.pass(1000);
    expect(beats).toMatchObject([[{ jobId: 'job_a', fence: 2 }]]);
  });
});
