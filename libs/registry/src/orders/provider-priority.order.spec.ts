import { Fixture, model, orderedBy, provider, questionOf } from '../registry.fixtures';
import { providerPriority } from './provider-priority.order';

const NAMES = ['late/x', 'openrouter/x', 'soon/x', 'glm/x', 'kimi/x', 'custom/x', 'glm/y'];
const worldWith = (providerOrder: string[]): Fixture => ({
  providers: [
    provider('late', { priority: 900 }),
    provider('soon', { priority: 1 }),
    ...['openrouter', 'custom', 'glm', 'kimi'].map((name) => provider(name)),
  ],
  models: NAMES.map((name) => model(name)),
  policy: { providerOrder },
});

describe('the priority of providers', () => {
  it('B11: is kimi, glm, custom, openrouter where that is the order, then the rest by their priority', () => {
    const question = questionOf(worldWith(['kimi', 'glm', 'custom', 'openrouter']));
    expect(orderedBy(providerPriority, question, NAMES)).toEqual([
      ...['kimi/x', 'glm/x', 'glm/y', 'custom/x', 'openrouter/x', 'soon/x', 'late/x'],
    ]);
  });

  it('is their priority, then their name, where no order is set', () => {
    expect(orderedBy(providerPriority, questionOf(worldWith([])), NAMES)).toEqual([
      ...['soon/x', 'custom/x', 'glm/x', 'glm/y', 'kimi/x', 'openrouter/x', 'late/x'],
    ]);
  });
});
