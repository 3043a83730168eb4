import { rankBy } from './ranking';
import { entryNamed, model, provider, questionOf } from './registry.fixtures';
import { Order } from './orders';

const NAMES = ['glm/a', 'glm/b', 'glm/c', 'glm/d'];
const question = questionOf({ providers: [provider('glm')], models: NAMES.map((name) => model(name)) });
const step = (name: string, places: Record<string, number>): Order => ({
  ...{ name, meaning: 'A step of this spec.' },
  place: ({ model: { id } }) => places[id] ?? 9,
});
const ranked = (orders: Order[], names: readonly string[]): string[][] =>
  rankBy(
    orders,
    names.map((name) => entryNamed(question.catalogue, name)),
    question,
  ).map(({ entry, because }) => [entry.model.id, because]);

describe('a ranking', () => {
  it('goes by the first step, and by the next where that one does not tell two apart', () => {
    const strong = step('strong', { a: 2, b: 2, c: 1, d: 3 });
    const weak = step('weak', { a: 2, b: 1, c: 9, d: 0 });
    expect(ranked([strong, weak], NAMES)).toEqual([
      ['c', 'strong'],
      ['b', 'weak'],
      ['a', 'strong'],
      ['d', 'last_candidate'],
    ]);
  });

  it('says by which step each stands before the next one, whatever told others apart', () => {
    const deep = [step('one', { a: 1, b: 1, c: 1, d: 1 }), step('two', { a: 1, b: 1, c: 2, d: 2 })];
    expect(ranked(deep, NAMES)).toEqual([
      ['a', 'name'],
      ['b', 'two'],
      ['c', 'name'],
      ['d', 'last_candidate'],
    ]);
  });

  it('goes by name where no step tells two apart, so it is the same on every machine', () => {
    expect(ranked([], [...NAMES].reverse()).map(([id]) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('knows one that was alone from one that came last', () => {
    expect(ranked([step('one', {})], ['glm/b'])).toEqual([['b', 'only_candidate']]);
    expect(ranked([], [])).toEqual([]);
  });

  it('takes places that are negative or without end', () => {
    const wild = step('wild', { a: Infinity, b: -Infinity, c: -1, d: 0 });
    expect(ranked([wild], NAMES).map(([id]) => id)).toEqual(['b', 'c', 'd', 'a']);
  });
});
