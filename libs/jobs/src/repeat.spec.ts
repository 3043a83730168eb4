import { Decision } from '@longhaul/contract';
import { RetriedJob } from '@longhaul/records';
import { repeatOf } from './repeat';

const requested = (request: Omit<Decision['requested'], 'routing'>): Decision =>
  ({ requested: { ...request, routing: null } }) as Decision;

const JOB: RetriedJob = {
  type: 'chat',
  model: 'glm/glm-4.6',
  input: { messages: [] },
  payloadVersion: 1,
  decision: requested({ model: 'glm/glm-4.6', provider: null, fallbacks: ['openai/gpt-5.4-mini'] }),
  priority: 3,
  deadlineMs: 90_500,
  timeoutMs: 250,
  fallbackOnRefusal: true,
  ttlMs: 90_000,
  metadata: { ticket: '17' },
};

describe('the repeat of a job', () => {
  it('is the submission it once was', () =>
    expect(repeatOf(JOB, {})).toEqual({
      ...{
        type: 'chat',
        input: JOB.input,
        payloadVersion: 1,
        model: 'glm/glm-4.6',
        fallbacks: ['openai/gpt-5.4-mini'],
      },
      ...{ priority: 3, deadlineSeconds: 90.5, timeoutSeconds: 0.25, fallbackOnRefusal: true },
      ttlSeconds: 90,
      metadata: { ticket: '17' },
    }));

  it('leaves out what was never said', () => {
    const job: RetriedJob = {
      ...{ ...JOB, model: 'sandbox/echo', deadlineMs: null, timeoutMs: null, ttlMs: null },
      decision: requested({ model: 'auto', provider: 'sandbox', fallbacks: null }),
    };
    const repeat = repeatOf(job, {});
    expect(repeat).toMatchObject({ provider: 'sandbox' });
    for (const name of ['model', 'fallbacks', 'deadlineSeconds', 'timeoutSeconds', 'ttlSeconds', 'runAt'])
      expect(repeat).not.toHaveProperty(name);
  });

  it('is `auto` again when that was the word', () => {
    const decision = requested({ model: 'auto', provider: null, fallbacks: [] });
    expect(repeatOf({ ...JOB, model: 'auto', decision }, {})).toMatchObject({ model: 'auto', fallbacks: [] });
  });

  it.each([
    { model: 'openai/gpt-5.4-mini', provider: undefined },
    { model: undefined, provider: 'openai' },
  ])('with %j lets go of the other half of the old choice', (change) => {
    const decision = requested({ model: 'glm-4.6', provider: 'glm', fallbacks: null });
    const repeat = repeatOf({ ...JOB, model: 'glm-4.6', decision }, change);
    expect([repeat.model, repeat.provider]).toEqual([change.model, change.provider]);
  });

  it('takes every other change as it is', () =>
    expect(
      repeatOf(JOB, { ...{ fallbacks: [], priority: 0, metadata: {} }, fallbackOnRefusal: false }),
    ).toMatchObject({
      ...{ model: 'glm/glm-4.6', fallbacks: [], priority: 0, metadata: {}, fallbackOnRefusal: false },
    }));
});
