import { pollPauseSeconds } from './poll-pause';

describe('the pause before the next look at a job', () => {
  it('grows with its age, to ten seconds and no further', () =>
    expect([-1, 0, 9.9, 10, 59, 60, 299, 300, 86_400].map(pollPauseSeconds)).toEqual([
      1, 1, 1, 2, 2, 5, 5, 10, 10,
    ]));
});
