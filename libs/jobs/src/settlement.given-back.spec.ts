import { JobRow } from '@longhaul/records';
import { ModelCall } from './model-call';
import { abandoned } from './settlement';

const target = {
  ...{ provider: 'one', model: 'm', price: null },
  ...{ contextWindow: null, maxOutputTokens: null, minOutputTokens: null },
};
const jobWith = (attempts: number): JobRow =>
  ({ id: 'job_1', attempts, maxCalls: 8, position: 0, tries: 0 }) as unknown as JobRow;
const givenBack = (attempts: number, phase: 'before_send' | 'headers') =>
  abandoned(
    { jobId: 'job_1', fence: 1, worker: 'w1' },
    {
      job: jobWith(attempts),
      call: { trace: { phase }, usage: null, statedCostNanoUsd: null } as unknown as ModelCall,
      target,
    },
  );

describe('a job that a draining worker gives back', () => {
  it('waits again where it stands while it may call once more', () => {
    expect(givenBack(7, 'headers')).toMatchObject({
      attempt: { status: 'abandoned', call: 'unknown' },
      job: { to: 'again', phase: 'waiting', afterMs: 0 },
    });
  });

  it('ends when the call that was cut off was the last that it may make', () => {
    expect(givenBack(8, 'headers')).toMatchObject({
      attempt: { status: 'abandoned' },
      job: { to: 'end', status: 'failed', error: { code: 'all_providers_failed' } },
    });
  });

  it('waits again when that call never went out', () => {
    expect(givenBack(8, 'before_send')).toMatchObject({
      attempt: { call: 'not_sent' },
      job: { to: 'again' },
    });
  });
});
