import { Usage } from '@longhaul/contract';
import { isObject, objectAt } from '../../json';
import { isTokenCount, tokensWithin } from '../../token-counts';

/**
 * The usage that opened the message under the one that closes it: its counts are cumulative, and what it leaves out or
 * sends as null has not changed. The three input buckets are disjoint on the wire already. Null without the closing
 * counts: the output that the opening states is a beginning, and a call without counts is unpriced, never free.
 */
export function usageOf(opening: unknown, closing: unknown): Usage | null {
  if (!isObject(closing)) return null;
  const counts = { ...(isObject(opening) ? opening : {}), ...stated(closing) };
  const { input_tokens: input, output_tokens: output } = counts;
  if (!isTokenCount(input) || !isTokenCount(output) || !isTokenCount(closing['output_tokens'])) return null;
  return {
    freshInput: input,
    cacheRead: tokensWithin(counts['cache_read_input_tokens'], Infinity),
    cacheWrite: tokensWithin(counts['cache_creation_input_tokens'], Infinity),
    output,
    reasoning: tokensWithin(objectAt(counts, 'output_tokens_details')['thinking_tokens'], output),
  };
}

const stated = (usage: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
