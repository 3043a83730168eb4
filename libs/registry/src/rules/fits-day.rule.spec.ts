import { catalogueOf, entryNamed, model, need, provider } from '../registry.fixtures';
import { fitsDay } from './fits-day.rule';

const sentence = (tokensPerDay: number | null, inputTokens: number, outputTokens: number) => {
  const limits = { requestsPerMinute: null, tokensPerMinute: 10, tokensPerDay };
  const world = {
    providers: [provider('glm', { limits })],
    models: [model('glm/x', { maxOutputTokens: 500 })],
  };
  const context = { chosenBy: 'caller' } as Parameters<typeof fitsDay.refuse>[2];
  return fitsDay.refuse(
    entryNamed(catalogueOf(world), 'glm/x'),
    need({ inputTokens, outputTokens }),
    context,
  );
};

describe('the tokens of a day', () => {
  it('hold a job that needs all of them, its input with a quarter on top, and not one more', () => {
    expect(sentence(600, 400, 100)).toBeNull();
    expect(sentence(600, 401, 100)).toBe(
      'A call of glm/x would reserve 602 tokens, and the key of glm may use 600 a day.',
    );
  });

  it('count no more output than the model can give', () => {
    expect(sentence(900, 320, 9_000)).toBeNull();
  });

  it('refuse nothing where they have no limit', () => {
    expect(sentence(null, 5_000_000, 100)).toBeNull();
  });
});
