import { LaneLimits, LimitFigure } from '@longhaul/records';
import { viewLimits } from './overview-limits';

const none: LimitFigure = { configured: null, seen: null, used: 0 };
const lane = (change: Partial<LaneLimits> = {}): LaneLimits => ({
  ...{ lane: 'one', credential: 'one:f00', requestsPerMinute: none, tokensPerMinute: none },
  tokensPerDay: none,
  ...change,
});

it('tells what is used of all limits as soon as one is known', () => {
  const tokensPerMinute = { configured: null, seen: 9000, used: 700 };
  expect(viewLimits('one', [lane({ tokensPerMinute, requestsPerMinute: { ...none, used: 3 } })])).toEqual({
    requests_per_minute: { configured: null, seen: null, used: 3 },
    tokens_per_minute: tokensPerMinute,
    tokens_per_day: none,
  });
});

it('says that nobody counts where no limit is known, and nothing of a lane that is not there', () => {
  const uncounted = { configured: null, seen: null, used: null };
  const view = viewLimits('one', [lane()]);
  expect(view).toEqual({
    ...{ requests_per_minute: uncounted, tokens_per_minute: uncounted, tokens_per_day: uncounted },
  });
  expect(JSON.stringify(view)).not.toContain('f00');
  expect(viewLimits('two', [lane()])).toBeNull();
});
