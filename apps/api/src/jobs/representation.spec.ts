import { JobView } from '@longhaul/contract';
import { etagOf, pollAfterSeconds, resultHeaders, ShownJob } from './representation';

describe('the tag of a job', () => {
  const job = { id: 'job_1', status: 'queued' } as ShownJob;

  it('changes with the job and only with it', () => {
    expect(etagOf({ ...job }, [])).toBe(etagOf(job, []));
    expect(etagOf({ ...job, status: 'completed' }, [])).not.toBe(etagOf(job, []));
    expect(etagOf(job, [])).toMatch(/^"job_1\.[\w-]{22}"$/);
  });

  it('can be made without what was included, but tells answers apart that include other things', () => {
    const whole: ShownJob = { ...job, output: { text: 'hi' }, attempts_list: [], decision: {} };
    expect(etagOf(whole, ['output', 'attempts'])).toBe(etagOf(job, ['attempts', 'output']));
    expect(etagOf(whole, ['output'])).not.toBe(etagOf(whole, []));
  });
});

describe('the pause before the next look', () => {
  it('grows with the age of a job and ends with it', () => {
    const job = { status: 'in_progress', phase: 'running', created_at: 1000, ready_at: 9000 } as const;
    const pause = (ageSeconds: number) => pollAfterSeconds(job, (1000 + ageSeconds) * 1000);
    expect([0, 9, 10, 59, 60, 299, 300, 9999].map(pause)).toEqual([1, 1, 2, 2, 5, 5, 10, 10]);
    expect(pollAfterSeconds({ ...job, status: 'completed' }, 1_000_000)).toBeNull();
  });

  it('of a job of later lasts until its time, five minutes at most', () => {
    const job = { status: 'queued', phase: 'scheduled', created_at: 1000, ready_at: 1400 } as const;
    const pause = (now: number) => pollAfterSeconds(job, now * 1000);
    expect([1000, 1200.5, 1399, 1400, 1401].map(pause)).toEqual([300, 200, 10, 10, 10]);
    expect(pollAfterSeconds({ ...job, ready_at: 1004.2 }, 1_000_000)).toBe(5);
  });
});

describe('the headers of a result', () => {
  it('hold nothing but ASCII', () =>
    expect(
      resultHeaders({
        resolved: { provider: 'ollama', model: 'mödel 漢:7b' },
        attempts: { count: 2, max: 8 },
      } as JobView),
    ).toEqual({
      'x-gateway-provider': 'ollama',
      'x-gateway-model': 'm%C3%B6del %E6%BC%A2:7b',
      'x-gateway-attempts': '2',
    }));
});
