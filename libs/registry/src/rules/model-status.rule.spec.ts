import { ModelSettings } from '@longhaul/settings';
import { catalogueOf, entryNamed, model, provider, verdictOf } from '../registry.fixtures';
import { modelStatus } from './model-status.rule';

interface Case {
  readonly row: Partial<ModelSettings>;
  readonly refused: string | null;
  readonly warned: string | null;
}

describe('the status of a model', () => {
  it.each<[string, Case]>([
    ['active refuses nothing and warns of nothing', { row: {}, refused: null, warned: null }],
    [
      'active with a successor is active all the same',
      { row: { successor: 'next' }, refused: null, warned: null },
    ],
    [
      'A25: retired refuses, and names the successor',
      {
        row: { status: 'retired', successor: 'next' },
        refused: 'glm/old is retired; its successor is next.',
        warned: null,
      },
    ],
    [
      'retired without a successor refuses',
      { row: { status: 'retired' }, refused: 'glm/old is retired.', warned: null },
    ],
    [
      'A25: deprecated only warns, with the day and the successor',
      {
        row: { status: 'deprecated', successor: 'next', retiresAt: '2027-01-31' },
        refused: null,
        warned: 'glm/old is deprecated and ends on 2027-01-31; its successor is next.',
      },
    ],
    [
      'deprecated without either warns',
      { row: { status: 'deprecated' }, refused: null, warned: 'glm/old is deprecated.' },
    ],
  ])('%s', (_, { row, refused, warned }) => {
    const fixture = { providers: [provider('glm')], models: [model('glm/old', row), model('glm/next')] };
    expect(verdictOf(modelStatus, fixture, { of: 'glm/old', chosenBy: 'caller' })).toBe(refused);
    expect(modelStatus.warn!(entryNamed(catalogueOf(fixture), 'glm/old'))).toBe(warned);
  });
});
