import { Fault, GatewayError } from '@longhaul/contract';
import { readRetry } from './retry-job.dto';

function pointersOf(body: unknown): string[] {
  try {
    readRetry(body);
  } catch (error) {
    return (GatewayError.from(error).detail.faults ?? []).map(({ pointer }: Fault) => pointer);
  }
  throw new Error('The body was accepted.');
}

describe('the body of a retry', () => {
  it.each([undefined, null, {}, { model: null, routing: {}, run_at: null }])(
    'that is %j changes nothing',
    (body) => expect(readRetry(body)).toEqual({}),
  );

  it('says in the words of the jobs library what is to be otherwise', () => {
    const body = {
      ...{ model: 'glm-4.6', provider: 'glm', fallbacks: [], routing: { fallback_on_refusal: true } },
      ...{ priority: 9, deadline_s: 60, timeout_s: 5, run_at: 1_900_000_000, metadata: {} },
    };
    expect(readRetry(body)).toEqual({
      ...{ model: 'glm-4.6', provider: 'glm', fallbacks: [], fallbackOnRefusal: true },
      ...{ priority: 9, deadlineSeconds: 60, timeoutSeconds: 5, metadata: {} },
      runAt: new Date(1_900_000_000_000),
    });
  });

  it('cannot change what the job is about', () => {
    for (const name of ['type', 'input', 'id', 'status', 'caller', 'retry_of'])
      expect(pointersOf({ [name]: 'x' })).toEqual([`/${name}`]);
  });

  it.each([[], 'again', 7])('is no %j', (body) => expect(pointersOf(body)).toEqual(['']));
});
