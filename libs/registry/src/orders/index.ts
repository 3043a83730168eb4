import { Profile } from '@longhaul/contract';
import { cost } from './cost.order';
import { freeFirst } from './free-first.order';
import { Order } from './order';
import { preferredProviders } from './preferred-providers.order';
import { providerPreference } from './provider-preference.order';
import { providerPriority } from './provider-priority.order';
import { rank } from './rank.order';
import { tier } from './tier.order';

/** Every ranking step, the strongest first as the profiles fast, balanced and powerful have it. A new step is a file and a line here. */
export const ORDERS: readonly Order[] = [
  preferredProviders,
  providerPriority,
  providerPreference,
  freeFirst,
  cost,
  tier,
  rank,
];

const CHEAPEST_FIRST: readonly Order[] = [
  preferredProviders,
  freeFirst,
  cost,
  providerPriority,
  providerPreference,
  tier,
  rank,
];

/** The steps of a profile, where ROUTING_ORDER says nothing. */
export const ordersOf = (profile: Profile): readonly Order[] =>
  profile === 'cost' ? CHEAPEST_FIRST : ORDERS;

/** The step of this name. */
export const orderNamed = (name: string): Order | null => ORDERS.find((order) => order.name === name) ?? null;

export * from './order';
