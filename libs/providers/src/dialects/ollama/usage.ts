import { Usage } from '@longhaul/contract';
import { JsonObject } from '../../json';
import { isTokenCount, tokensWithin } from '../../token-counts';

/** Null for a prompt whose count was left out, which no prompt of 0 tokens is: servers before 0.4 do so from the cache. */
export const promptTokensOf = ({ prompt_eval_count: count }: JsonObject): number | null =>
  isTokenCount(count) && count > 0 ? count : null;

/** A count of 0 is left out. */
export const outputTokensOf = ({ eval_count: count = 0 }: JsonObject): number | null =>
  isTokenCount(count) ? count : null;

/**
 * The counts of the last line in disjoint buckets; the prompt includes what came from the cache. Null when one of them is
 * missing or cannot be: the call is then unpriced, never free.
 */
export function usageOf(last: JsonObject, hasWritten: boolean): Usage | null {
  const input = promptTokensOf(last);
  const output = outputTokensOf(last);
  if (input === null || output === null || (output === 0 && hasWritten)) return null;
  const cacheRead = tokensWithin(last['prompt_eval_cached_count'], input);
  // How much of the output was thought is not told.
  return { freshInput: input - cacheRead, cacheRead, cacheWrite: 0, output, reasoning: 0 };
}
