import { HealthBoard } from './health-board';
import { WORLD, need, registryOf } from './registry.fixtures';

const target = (provider: string, model = 'm') => ({ provider, model });

describe('the health board', () => {
  it('refuses nothing until somebody writes on it, and nothing after that was taken back', () => {
    const board = new HealthBoard();
    expect(board.refusal(target('ollama'))).toBeNull();
    board.refuse('ollama', 'It is silent.');
    expect([board.refusal(target('ollama')), board.refusal(target('glm'))]).toEqual(['It is silent.', null]);
    board.refuse('ollama', null);
    expect(board.refusal(target('ollama'))).toBeNull();
  });

  it('knows the models that a provider has listed, in any case, and by their name without `:latest`', () => {
    const board = new HealthBoard();
    expect(board.offers(target('ollama', 'mistral'))).toBe(false);
    board.list('ollama', ['Mistral:latest', 'qwen3:8b']);
    expect(
      ['mistral', 'MISTRAL:latest', 'qwen3:8b', 'qwen3'].map((model) =>
        board.offers(target('ollama', model)),
      ),
    ).toEqual([true, true, true, false]);
    board.list('ollama', []);
    expect(board.offers(target('ollama', 'mistral'))).toBe(false);
  });
});

describe('a bare name that the catalogue does not know', () => {
  const health = new HealthBoard();
  health.list('ollama', ['mistral-small:24b', 'a/b']);
  const registry = registryOf(WORLD, { health });

  it('goes to the provider for such names when its own list has it', () => {
    const { chain, decision } = registry.route(need(), { model: 'mistral-small:24b', fallbacks: [] });
    expect(chain).toMatchObject([{ provider: 'ollama', model: 'mistral-small:24b' }]);
    expect(decision.decidedBy).toBe('bare_model');
    expect(decision.notes[0]).toBe(
      '"mistral-small:24b" is not in the catalogue; ollama has a model of this name (BARE_MODEL_PROVIDER).',
    );
  });

  it('is refused when the list does not have it, or when it is no bare name', () => {
    for (const model of ['mistral-large', 'a/b'])
      expect(() => registry.route(need(), { model })).toThrow(/There is no model/);
  });
});
