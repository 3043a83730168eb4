import { allowedProvider } from './allowed-provider.rule';
import { capability } from './capability.rule';
import { explicitOnly } from './explicit-only.rule';
import { fitsContext } from './fits-context.rule';
import { healthy } from './healthy.rule';
import { keyPresent } from './key-present.rule';
import { modelActive } from './model-active.rule';
import { providerOn } from './provider-on.rule';
import { Rule } from './rule';

/** Every rule, in the order in which the default policy asks them. A new rule is a file and a line here. */
export const RULES: readonly Rule[] = [
  allowedProvider,
  keyPresent,
  providerOn,
  modelActive,
  explicitOnly,
  capability,
  fitsContext,
  healthy,
];

export * from './rule';
export { keyPresent } from './key-present.rule';
