import { allowedModel } from './allowed-model.rule';
import { allowedProvider } from './allowed-provider.rule';
import { capability } from './capability.rule';
import { costCeiling } from './cost-ceiling.rule';
import { expensiveFallback } from './expensive-fallback.rule';
import { explicitOnly } from './explicit-only.rule';
import { fitsContext } from './fits-context.rule';
import { fitsDay } from './fits-day.rule';
import { healthy } from './healthy.rule';
import { keyPresent } from './key-present.rule';
import { modelStatus } from './model-status.rule';
import { providerOn } from './provider-on.rule';
import { FallbackRule, Rule } from './rule';

/** Every rule, in the order in which the default policy asks them. A new rule is a file and a line here. */
export const RULES: readonly Rule[] = [
  allowedProvider,
  keyPresent,
  providerOn,
  modelStatus,
  allowedModel,
  explicitOnly,
  capability,
  fitsContext,
  fitsDay,
  healthy,
  costCeiling,
];

/** Asked besides about what the policy would fall back to. */
export const FALLBACK_RULES: readonly FallbackRule[] = [expensiveFallback];

export * from './rule';
export { healthy } from './healthy.rule';
export { keyPresent } from './key-present.rule';
