import { usageOf } from './usage';

type Buckets = readonly [freshInput: number, cacheRead: number, output: number, reasoning: number];
const buckets = (...[freshInput, cacheRead, output, reasoning]: Buckets) => ({
  ...{ freshInput, cacheRead, cacheWrite: 0, output, reasoning },
});

describe('usageMetadata in disjoint buckets', () => {
  it.each([
    [{ promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, buckets(10, 0, 5, 0)],
    [
      { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 5, thoughtsTokenCount: 7 },
      buckets(6, 4, 12, 7),
    ],
    [{ promptTokenCount: 10, toolUsePromptTokenCount: 3, candidatesTokenCount: 1 }, buckets(13, 0, 1, 0)],
    [{ promptTokenCount: 10, cachedContentTokenCount: 40, candidatesTokenCount: 1 }, buckets(0, 10, 1, 0)],
    [{ promptTokenCount: 10, cachedContentTokenCount: -4, candidatesTokenCount: 1 }, buckets(10, 0, 1, 0)],
    [{ promptTokenCount: 10, thoughtsTokenCount: 7, totalTokenCount: 17 }, buckets(10, 0, 7, 7)],
    [{ promptTokenCount: 10, totalTokenCount: 30 }, buckets(10, 0, 20, 0)],
    [{ promptTokenCount: 10, totalTokenCount: 3 }, buckets(10, 0, 0, 0)],
    [{ promptTokenCount: 0, candidatesTokenCount: null }, buckets(0, 0, 0, 0)],
  ])('reads %j', (wire, usage) => {
    expect(usageOf(wire)).toEqual(usage);
  });

  it.each([
    null,
    'many',
    {},
    { candidatesTokenCount: 5 },
    { promptTokenCount: -1, candidatesTokenCount: 5 },
    { promptTokenCount: 1.5, candidatesTokenCount: 5 },
    { promptTokenCount: 1, candidatesTokenCount: '5' },
    { promptTokenCount: 1, thoughtsTokenCount: -5 },
    { promptTokenCount: 1, toolUsePromptTokenCount: {} },
    { promptTokenCount: 1e12, candidatesTokenCount: 5 },
  ])('is unknown, never free: %j', (wire) => {
    expect(usageOf(wire)).toBeNull();
  });
});
