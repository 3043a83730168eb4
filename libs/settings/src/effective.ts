import { FactorWeights, Price } from '@longhaul/contract';
import { OverrideValue } from './overrides';
import { Origin, Settings } from './settings';

/** One setting as it holds now. */
export interface EffectiveSetting {
  /** As in docs/configuration.md, e.g. `MAX_INFLIGHT_GLM`; the weights of an intent are `intent_weights.<intent>`, headers of the operator's own `headers.<provider>`. */
  readonly name: string;
  /** Null = nothing is said. Of keys and of the stores' URLs only `set` or `not set`, of headers the names. */
  readonly value: OverrideValue | FactorWeights | null;
  readonly origin: Origin;
  /** The variable, or `file:line`; null for an override and for a built-in value. */
  readonly place: string | null;
  /** May be overridden while Longhaul runs. */
  readonly live: boolean;
}

/** Every setting, by name. Holds no secret. */
export const effectiveSettings = (settings: Pick<Settings, 'effective'>): readonly EffectiveSetting[] =>
  settings.effective;

/** A price that does not come from models.toml. */
export interface OverriddenPrice {
  readonly provider: string;
  readonly model: string;
  /** What holds now; null = unpriced. */
  readonly price: Price | null;
}

/** The prices that were overridden, by provider and model. */
export const overriddenPrices = ({
  overrides,
  models,
}: Pick<Settings, 'overrides' | 'models'>): readonly OverriddenPrice[] =>
  models
    .filter((model) => Object.hasOwn(overrides.prices, `${model.provider}/${model.id}`))
    .map(({ provider, id, price }) => ({ provider, model: id, price }))
    .sort((left, right) => compare(`${left.provider}/${left.model}`, `${right.provider}/${right.model}`));

export const byName = (rows: readonly EffectiveSetting[]): readonly EffectiveSetting[] =>
  [...rows].sort((left, right) => compare(left.name, right.name));

/** Not by locale: the order must be one and the same on every machine. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
