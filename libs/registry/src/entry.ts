import { Target, nameOf } from '@longhaul/contract';
import { ModelSettings, ProviderSettings } from '@longhaul/settings';

/** A model that can be looked at: its row, its provider, and the target it would become. */
export interface CatalogueEntry {
  /** `<provider>/<model>`. */
  readonly name: string;
  readonly provider: ProviderSettings;
  readonly model: ModelSettings;
  /** False for an id that its provider takes unlisted: nothing is known of it but its name. */
  readonly listed: boolean;
  readonly target: Target;
}

export const entryOf = (provider: ProviderSettings, model: ModelSettings, listed = true): CatalogueEntry => ({
  name: nameOf({ provider: provider.name, model: model.id }),
  provider,
  model,
  listed,
  target: {
    provider: provider.name,
    model: model.id,
    contextWindow: model.contextWindow,
    maxOutputTokens: model.maxOutputTokens,
    minOutputTokens: model.minOutputTokens,
    price: model.price,
  },
});

/** An id outside the catalogue, taken as it is written. */
export const unlistedEntry = (provider: ProviderSettings, id: string): CatalogueEntry =>
  entryOf(
    provider,
    {
      id,
      provider: provider.name,
      aliases: [],
      status: 'active',
      retiresAt: null,
      successor: null,
      contextWindow: null,
      maxOutputTokens: null,
      minOutputTokens: null,
      capabilities: [],
      toolChoices: null,
      temperature: { kind: 'any' },
      reasoningControl: null,
      reasoningEfforts: null,
      rank: Number.MAX_SAFE_INTEGER,
      price: null,
      prices: [],
      free: false,
      tags: [],
      group: null,
    },
    false,
  );

/** Ids and aliases are compared without regard to case. */
export const fold = (name: string): string => name.trim().toLowerCase();
