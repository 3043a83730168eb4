import { GatewayError } from '@longhaul/contract';
import { preferredWaitMs } from './prefer';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return GatewayError.from(error).code;
  }
  return 'accepted';
};

describe('the Prefer header', () => {
  it.each([
    ['wait=10', 10_000],
    ['respond-async, wait=10', 10_000],
    ['Wait=10; foo=bar', 10_000],
    ['wait="7"', 7_000],
    ['wait = 3', 3_000],
    ['wait=100', 55_000],
    ['wait=0.5', 500],
  ])('%s waits %d ms', (header, waitMs) => expect(preferredWaitMs(header)).toBe(waitMs));

  it.each([undefined, '', 'respond-async', 'awaited=5', 'return=minimal'])('%s does not wait', (header) =>
    expect(preferredWaitMs(header)).toBeNull(),
  );

  it('refuses a wait that is no number of seconds', () => {
    for (const header of ['wait=soon', 'wait', 'wait=']) {
      expect(codeOf(() => preferredWaitMs(header))).toBe('malformed_request');
    }
  });
});
