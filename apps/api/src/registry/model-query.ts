import { CAPABILITIES, Capability, TIERS, Tier } from '@longhaul/contract';
import { ModelListing } from '@longhaul/registry';
import { malformed, Query, quote, refuseOthers, valuesOf } from '../http/query';

export const MODEL_STATUSES: readonly ModelListing['status'][] = ['active', 'deprecated', 'retired'];
const YES_NO = ['true', 'false'] as const;
const FILTERS = ['provider', 'available', 'capability', 'tier', 'status', 'free'] as const;

/** What a list of models is cut to; null = all. */
export interface ModelFilter {
  readonly provider: string | null;
  readonly available: boolean | null;
  readonly capability: Capability | null;
  readonly tier: Tier | null;
  readonly status: ModelListing['status'] | null;
  readonly free: boolean | null;
}

/** Reads the filters of a list. Throws `malformed_request`. */
export function readModelFilter(query: Query): ModelFilter {
  refuseOthers(query, FILTERS);
  return {
    provider: single(query, 'provider'),
    available: yesNo(query, 'available'),
    capability: oneOf(query, 'capability', CAPABILITIES),
    tier: oneOf(query, 'tier', TIERS),
    status: oneOf(query, 'status', MODEL_STATUSES),
    free: yesNo(query, 'free'),
  };
}

/** All filters but the provider's, whose word may be a prefix. */
export function passes(model: ModelListing, filter: Omit<ModelFilter, 'provider'>): boolean {
  const { available, capability, tier, status, free } = filter;
  return (
    (available === null || (model.unavailableBecause === null) === available) &&
    (capability === null || model.capabilities.includes(capability)) &&
    (tier === null || model.tiers.includes(tier)) &&
    (status === null || model.status === status) &&
    (free === null || model.free === free)
  );
}

/** True or false, as the query says; null = it does not. Throws `malformed_request`. */
export function yesNo(query: Query, name: string): boolean | null {
  const word = oneOf(query, name, YES_NO);
  return word === null ? null : word === 'true';
}

function oneOf<Word extends string>(query: Query, name: string, words: readonly Word[]): Word | null {
  const stated = single(query, name);
  if (stated === null) return null;
  const found = words.find((word) => word === stated);
  if (found !== undefined) return found;
  throw malformed(name, `\`${name}\` takes one of ${words.join(', ')}; it does not know ${quote(stated)}.`);
}

function single(query: Query, name: string): string | null {
  const [first, ...others] = valuesOf(query, name);
  if (others.length > 0) throw malformed(name, `\`${name}\` was given more than once.`);
  return first ?? null;
}
