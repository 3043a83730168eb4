import { WORLD, verdictOf } from '../registry.fixtures';
import { healthy } from './healthy.rule';

const health = {
  refusal: ({ provider, model }: { provider: string; model: string }) =>
    provider === 'glm' && model === 'glm-5' ? 'glm/glm-5 cools for 30 s.' : null,
};

describe('health', () => {
  it('bars what policy would choose, in its own words', () => {
    expect(verdictOf(healthy, WORLD, { of: 'glm/glm-5', question: { health } })).toBe(
      'glm/glm-5 cools for 30 s.',
    );
  });

  it('bars nothing that is well', () => {
    expect(verdictOf(healthy, WORLD, { of: 'glm/glm-4.5-x', question: { health } })).toBeNull();
  });

  it('does not bar what the caller named', () => {
    expect(
      verdictOf(healthy, WORLD, { of: 'glm/glm-5', chosenBy: 'caller', question: { health } }),
    ).toBeNull();
  });
});
