import { Usage } from '@longhaul/contract';
import { isObject } from '../../json';
import { isTokenCount, tokensWithin } from '../../token-counts';

/** The wire leaves out what is zero. */
const orZero = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return 0;
  return isTokenCount(value) ? value : undefined;
};

/**
 * `usageMetadata` in disjoint buckets: promptTokenCount includes what came from the cache, and the thoughts stand
 * beside the visible output. Null when the totals are missing or no counts: the call is then unpriced, never free.
 */
export function usageOf(wire: unknown): Usage | null {
  if (!isObject(wire)) return null;
  const { promptTokenCount: prompt } = wire;
  const tools = orZero(wire['toolUsePromptTokenCount']);
  const thoughts = orZero(wire['thoughtsTokenCount']);
  const shown = shownTokens(wire);
  if (!isTokenCount(prompt) || tools === undefined || thoughts === undefined || shown === undefined)
    return null;
  const cacheRead = tokensWithin(wire['cachedContentTokenCount'], prompt);
  return {
    freshInput: prompt - cacheRead + tools,
    cacheRead,
    cacheWrite: 0,
    output: shown + thoughts,
    reasoning: thoughts,
  };
}

/** An answer without a candidate has no count of it; the total then tells whether something is kept back. */
function shownTokens(wire: Readonly<Record<string, unknown>>): number | undefined {
  const { candidatesTokenCount: shown, totalTokenCount: total } = wire;
  if (shown !== undefined && shown !== null) return isTokenCount(shown) ? shown : undefined;
  const known = ['promptTokenCount', 'toolUsePromptTokenCount', 'thoughtsTokenCount'].map(
    (member) => orZero(wire[member]) ?? 0,
  );
  const rest = (isTokenCount(total) ? total : 0) - known.reduce((sum, count) => sum + count, 0);
  return Math.max(rest, 0);
}
