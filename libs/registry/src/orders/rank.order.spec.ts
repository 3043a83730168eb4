import { Fixture, model, orderedBy, provider, questionOf } from '../registry.fixtures';
import { rank } from './rank.order';

const FIXTURE: Fixture = {
  providers: [provider('glm'), provider('ollama', { acceptUnlistedModels: true })],
  models: [
    model('glm/second', { rank: 20 }),
    model('glm/first', { rank: 10 }),
    model('glm/zero', { rank: 0 }),
  ],
};

describe('the rank', () => {
  it('B19: puts the lower number first', () => {
    const names = ['glm/second', 'glm/first', 'glm/zero'];
    expect(orderedBy(rank, questionOf(FIXTURE), names)).toEqual(['glm/zero', 'glm/first', 'glm/second']);
  });

  it('puts an unlisted default model before every row', () => {
    const names = ['glm/zero', 'ollama/mine:7b'];
    expect(orderedBy(rank, questionOf(FIXTURE), names)).toEqual(['ollama/mine:7b', 'glm/zero']);
  });
});
