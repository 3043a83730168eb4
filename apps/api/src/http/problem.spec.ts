import { ErrorCode, ErrorDetail, ERRORS, GatewayError } from '@longhaul/contract';
import { problemOf } from './problem';

const PLACE = { instance: '/v1/jobs', requestId: 'req_1' };
const problem = (code: ErrorCode, detail: ErrorDetail = {}) =>
  problemOf(new GatewayError(code, 'A sentence.', detail), PLACE);

describe('an error as a problem document', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('is whole for %s', (code) => {
    const { status, body } = problem(code);
    expect(status).toBe(ERRORS[code].status);
    expect(body).toMatchObject({
      type: `/docs/errors#${code}`,
      title: expect.stringMatching(/^[A-Z][a-z ]+$/),
      status,
      detail: 'A sentence.',
      instance: '/v1/jobs',
      code,
      request_id: 'req_1',
      error: { message: 'A sentence.', type: expect.stringMatching(/_error$/), param: null, code },
    });
  });

  it('lists each fault with its pointer and names the first as the parameter', () => {
    const faults = [
      { pointer: '/input/messages/0', detail: 'must be an object.' },
      { pointer: '/priority', detail: 'must be a whole number from 0 to 9.' },
    ];
    const { body } = problem('invalid_request', { faults });
    expect(body).toMatchObject({ errors: faults, error: { param: 'input.messages.0' } });
  });

  it('carries more members, and none of them replaces one of ours', () => {
    const extra = { near_matches: ['glm/glm-4.6'], status: 200, code: 'fine' };
    const { body } = problem('model_not_found', { extra });
    expect(body).toMatchObject({ near_matches: ['glm/glm-4.6'], status: 422, code: 'model_not_found' });
  });

  it('tells clients not to repeat what cannot end differently', () => {
    const repeatable = (Object.keys(ERRORS) as ErrorCode[]).filter(
      (code) => problem(code).headers['x-should-retry'] === undefined,
    );
    expect(repeatable.sort()).toEqual([
      'idempotency_in_flight',
      'internal',
      'job_not_ended',
      'rate_limited_caller',
      'request_timeout',
      'store_unavailable',
    ]);
    expect(problem('job_not_ended', { shouldRetry: false }).headers).toMatchObject({
      'x-should-retry': 'false',
    });
    expect(problem('job_not_ended', { shouldRetry: false }).headers).not.toHaveProperty('retry-after');
    expect(problem('provider_not_configured').headers).not.toHaveProperty('retry-after');
  });

  it('says when to come back, in whole seconds and never zero', () => {
    const after = (code: ErrorCode, retryAfterMs?: number) =>
      problem(code, retryAfterMs === undefined ? {} : { retryAfterMs }).headers['retry-after'];
    expect(after('store_unavailable')).toBe('1');
    expect(after('store_unavailable', 10)).toBe('1');
    expect(after('rate_limited_caller', 2001)).toBe('3');
    expect(after('idempotency_in_flight')).toBe('1');
    expect(after('job_not_ended')).toBe('1');
    expect(after('invalid_request')).toBeUndefined();
  });

  it('is never kept by a cache', () => {
    expect(problem('not_found').headers['cache-control']).toBe('no-store');
  });
});
