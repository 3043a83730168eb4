import { newJobId } from './job-id';

describe('a job id', () => {
  it('sorts by age', () => {
    const ids = [1, 2, 1_700_000_000_000, 1_700_000_000_001].map((ms) => newJobId(ms));
    expect([...ids].sort()).toEqual(ids);
  });

  it('is `job_` and 26 digits that BullMQ takes', () => {
    expect(newJobId(Date.now())).toMatch(/^job_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('never comes twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newJobId(7))).size).toBe(1000);
  });
});
