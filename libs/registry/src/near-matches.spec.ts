import { nearMatches } from './near-matches';

const known = ['moonshot/kimi-k2.6', 'moonshot/kimi-k2.5', 'glm/glm-5', 'openrouter/openai/gpt-oss-120b'].map(
  (name) => ({
    name,
    spellings: [name, name.slice(name.indexOf('/') + 1), name.slice(name.lastIndexOf('/') + 1)],
  }),
);

describe('near matches of an unknown model', () => {
  it.each([
    ['kimi-k2.66', 'moonshot/kimi-k2.6'],
    ['KIMI-K25', 'moonshot/kimi-k2.5'],
    ['moonshoot/kimi-k2.6', 'moonshot/kimi-k2.6'],
    ['openai/gpt-oss-120b', 'openrouter/openai/gpt-oss-120b'],
    ['gpt-oss', 'openrouter/openai/gpt-oss-120b'],
  ])('offers for %s first %s', (unknown, first) => {
    expect(nearMatches(unknown, known)[0]).toBe(first);
  });

  it.each(['', '   ', 'claude-opus', 'zz'])('offers nothing that is far away for "%s"', (unknown) => {
    expect(nearMatches(unknown, known)).toEqual([]);
  });

  it('offers at most five', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      name: `m-${index}`,
      spellings: [`model-${index}`],
    }));
    expect(nearMatches('model-x', many)).toHaveLength(5);
  });

  it('stays quick on a long hostile string', () => {
    const long = 'k'.repeat(1_000_000);
    expect(nearMatches(long, [{ name: 'k', spellings: ['k'.repeat(80)] }])).toEqual(['k']);
  });
});
