import { CallTrace } from '@longhaul/contract';
import { TargetNews } from '@longhaul/records';
import { HealthMeter } from './health-meter';

const TARGET = { provider: 'one', model: 'm' };
const trace = (totalMs: number, firstTokenMs?: number): CallTrace => ({
  phase: 'mid_answer',
  totalMs,
  ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
});
const GOOD = { status: 'succeeded', code: null, trace: trace(90, 30) } as const;
const failed = (code: string) => ({ status: 'failed', code, trace: trace(5) }) as const;

/** Takes down what is noted; `answer` says what becomes of it. */
class Rig {
  readonly noted: (readonly TargetNews[])[] = [];
  readonly lines: string[] = [];
  answer: () => Promise<void> = () => Promise.resolve();
  readonly meter = new HealthMeter(
    {
      records: {
        note: (news) => {
          this.noted.push(news);
          return this.answer();
        },
      },
      log: {
        warn: (line) => this.lines.push(`warn ${line}`),
        info: (line) => this.lines.push(`info ${line}`),
      },
    },
    { everyMs: 60_000, halfLifeMs: () => 1 },
  );
}

describe('the measure of how calls go', () => {
  it('writes down by target what went well, how long it took, and what failed by the fault of its target', async () => {
    const { meter, noted } = new Rig();
    meter.hear(TARGET, GOOD);
    meter.hear(TARGET, { ...GOOD, trace: trace(50) });
    meter.hear({ ...TARGET, model: 'other' }, failed('timeout'));
    meter.hear(TARGET, failed('overloaded'));
    await meter.flush();
    expect(noted).toEqual([
      [
        {
          target: 'one/m',
          successes: [true, true, false],
          times: [
            { totalMs: 90, firstTokenMs: 30 },
            { totalMs: 50, firstTokenMs: 50 },
          ],
        },
        { target: 'one/other', successes: [false], times: [] },
      ],
    ]);
  });

  it.each([
    ...['auth_failed', 'quota_exhausted', 'rejected_request', 'content_filtered', 'context_overflow'],
    ...['cancelled', 'deadline_exceeded', 'worker_lost', 'output_invalid', 'internal', 'of_another_version'],
  ])('takes %s for nothing that speaks against a target', async (code) => {
    const { meter, noted } = new Rig();
    meter.hear(TARGET, failed(code));
    meter.hear(TARGET, { status: 'abandoned', code: null, trace: trace(5) });
    await meter.flush();
    expect(noted).toEqual([]);
  });

  it('writes nothing twice, and what comes while it writes goes into the next', async () => {
    const rig = new Rig();
    let release = (): void => undefined;
    rig.answer = () => new Promise((resolve) => (release = resolve));
    rig.meter.hear(TARGET, GOOD);
    const first = rig.meter.flush();
    rig.meter.hear(TARGET, failed('timeout'));
    void rig.meter.flush();
    release();
    await first;
    rig.answer = () => Promise.resolve();
    await rig.meter.stop();
    expect(rig.noted.map((news) => news.map(({ successes }) => successes))).toEqual([[[true]], [[false]]]);
  });

  it('loses what cannot be written, and says so once until it works again', async () => {
    const rig = new Rig();
    rig.answer = () => Promise.reject(new Error('away'));
    for (let round = 0; round < 3; round += 1) {
      rig.meter.hear(TARGET, GOOD);
      await rig.meter.flush();
    }
    rig.answer = () => Promise.resolve();
    rig.meter.hear(TARGET, GOOD);
    await rig.meter.stop();
    expect(rig.noted.at(-1)).toMatchObject([{ successes: [true] }]);
    expect(rig.lines).toEqual([
      'warn How calls went could not be written down, and is lost.',
      'info How calls go is written down again.',
    ]);
  });
});
