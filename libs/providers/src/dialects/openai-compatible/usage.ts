import { roundedUp, Usage } from '@longhaul/contract';
import { isObject, objectAt } from '../../json';
import { isTokenCount, tokensWithin } from '../../token-counts';

const NANO_PER_USD = 1_000_000_000;
const MOST_USD = 1_000_000;

/**
 * `usage` of the wire in disjoint buckets: prompt_tokens includes what came from the cache and what was written
 * into it. Null when the totals are missing or no counts: the call is then unpriced, never free.
 */
export function usageOf(wire: unknown): Usage | null {
  if (!isObject(wire)) return null;
  const { prompt_tokens: input, completion_tokens: output } = wire;
  if (!isTokenCount(input) || !isTokenCount(output)) return null;
  const details = objectAt(wire, 'prompt_tokens_details');
  const cacheRead = tokensWithin(details['cached_tokens'] ?? wire['cached_tokens'], input);
  const cacheWrite = tokensWithin(details['cache_write_tokens'], input - cacheRead);
  return {
    freshInput: input - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    output,
    reasoning: tokensWithin(objectAt(wire, 'completion_tokens_details')['reasoning_tokens'], output),
  };
}

/** OpenRouter's `usage.cost`, in USD on the wire. Undefined when it is missing or no price. */
export function statedCostNanoUsd(wire: unknown): number | undefined {
  const cost = isObject(wire) ? wire['cost'] : undefined;
  if (typeof cost !== 'number' || !(cost >= 0 && cost <= MOST_USD)) return undefined;
  return roundedUp(cost * NANO_PER_USD);
}
