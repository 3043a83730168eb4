import { WORLD, verdictOf } from '../registry.fixtures';
import { explicitOnly } from './explicit-only.rule';

describe('an explicit_only provider', () => {
  it('D16: is never chosen by policy', () => {
    expect(verdictOf(explicitOnly, WORLD, { of: 'kimi/kimi-for-coding' })).toBe(
      'kimi/kimi-for-coding runs only when a caller names it: provider kimi is explicit_only.',
    );
  });

  it('D16: is open to a caller who names it', () => {
    expect(verdictOf(explicitOnly, WORLD, { of: 'kimi/kimi-for-coding', chosenBy: 'caller' })).toBeNull();
  });

  it.each(['policy', 'caller'] as const)('is not what the others are, chosen by %s', (chosenBy) => {
    expect(verdictOf(explicitOnly, WORLD, { of: 'moonshot/kimi-k2.6', chosenBy })).toBeNull();
  });
});
