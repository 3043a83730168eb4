import { isKnown, pollAfterSeconds, represent } from './representation';

describe('the tag of a job', () => {
  it('changes with the answer and only with it', () => {
    const tag = (view: object) => represent('job_1', view).etag;
    expect(tag({ status: 'queued' })).toBe(tag({ status: 'queued' }));
    expect(tag({ status: 'queued' })).not.toBe(tag({ status: 'completed' }));
    expect(tag({})).toMatch(/^"job_1\.[\w-]{22}"$/);
  });

  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('is known to If-None-Match %s: %s', (header, known) => expect(isKnown('"a"', header)).toBe(known));
});

describe('the pause before the next look', () => {
  it('grows with the age of a job and ends with it', () => {
    const pause = (ageSeconds: number) =>
      pollAfterSeconds({ status: 'in_progress', created_at: 1000 }, (1000 + ageSeconds) * 1000);
    expect([0, 9, 10, 59, 60, 299, 300, 9999].map(pause)).toEqual([1, 1, 2, 2, 5, 5, 10, 10]);
    expect(pollAfterSeconds({ status: 'completed', created_at: 1000 }, 1_000_000)).toBeNull();
  });
});
