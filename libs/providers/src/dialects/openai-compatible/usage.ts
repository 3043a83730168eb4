import { roundedUp, Usage } from '@longhaul/contract';
import { isObject, objectAt } from '../../json';

/** More than any window; beyond it a number is garbage. */
const MOST_TOKENS = 1_000_000_000;
const NANO_PER_USD = 1_000_000_000;
const MOST_USD = 1_000_000;

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS;

/** A detail that is no count is as good as absent; one larger than its whole is cut to it. */
const part = (value: unknown, whole: number): number => (isCount(value) ? Math.min(value, whole) : 0);

/**
 * `usage` of the wire in disjoint buckets: prompt_tokens includes what came from the cache and what was written
 * into it. Null when the totals are missing or no counts: the call is then unpriced, never free.
 */
export function usageOf(wire: unknown): Usage | null {
  if (!isObject(wire)) return null;
  const { prompt_tokens: input, completion_tokens: output } = wire;
  if (!isCount(input) || !isCount(output)) return null;
  const details = objectAt(wire, 'prompt_tokens_details');
  const cacheRead = part(details['cached_tokens'] ?? wire['cached_tokens'], input);
  const cacheWrite = part(details['cache_write_tokens'], input - cacheRead);
  return {
    freshInput: input - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    output,
    reasoning: part(objectAt(wire, 'completion_tokens_details')['reasoning_tokens'], output),
  };
}

/** OpenRouter's `usage.cost`, in USD on the wire. Undefined when it is missing or no price. */
export function statedCostNanoUsd(wire: unknown): number | undefined {
  const cost = isObject(wire) ? wire['cost'] : undefined;
  if (typeof cost !== 'number' || !(cost >= 0 && cost <= MOST_USD)) return undefined;
  return roundedUp(cost * NANO_PER_USD);
}
