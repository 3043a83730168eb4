import { GatewayError, ModelTraits, Target } from '@longhaul/contract';
import { CallClocks } from '@longhaul/providers';
import { LaneDeclaration } from '@longhaul/records';
import { credentialOf, ProviderSettings, Settings } from '@longhaul/settings';
import { FailureTerms } from './failure-terms';

/** A provider's own clocks. A job of a provider that this process does not know fails before it calls. */
export const clocksIn =
  (settings: Settings) =>
  (name: string): CallClocks => {
    const provider = settings.providers.find((known) => known.name === name);
    if (provider) return provider;
    throw new GatewayError(
      'provider_not_configured',
      `This worker's configuration has no provider ${name}. Give all processes the same config folder.`,
    );
  };

/** How failures of a provider are dealt with; one that this process does not know is not called, and cools nothing but itself. */
export const termsIn =
  ({ providers, limits, clocks }: Settings) =>
  (name: string): FailureTerms => {
    const known = providers.find((provider) => provider.name === name);
    if (known === undefined)
      return {
        credential: name,
        retryAttempts: limits.retryAttempts,
        backoffMs: clocks.retryBackoffMs,
      };
    const { retryAttempts, retryBackoffMs: backoffMs } = known;
    return { credential: credentialOf(known), retryAttempts, backoffMs };
  };

/** What the catalogue says of a target's model, by the files of this process. */
export const traitsIn =
  ({ models }: Settings) =>
  ({ provider, model }: Target): ModelTraits | null =>
    models.find((row) => row.provider === provider && row.id === model) ?? null;

/** What a boot says of a provider's lane. */
export const declarationOf = (provider: ProviderSettings): LaneDeclaration => ({
  name: provider.name,
  cap: provider.maxInflight,
  credential: credentialOf(provider),
  limits: provider.limits,
});
