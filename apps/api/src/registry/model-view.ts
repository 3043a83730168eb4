import { Price, PriceStep, Rates, Tier } from '@longhaul/contract';
import { HealthView, viewHealth } from '@longhaul/jobs';
import { ModelListing } from '@longhaul/registry';

/** USD per million tokens; null = billed as input that is not cached. */
export interface RatesView {
  readonly input_per_mtok_usd: number;
  readonly cached_input_per_mtok_usd: number | null;
  readonly cache_write_per_mtok_usd: number | null;
  readonly output_per_mtok_usd: number;
}

export interface PriceStepView extends RatesView {
  /** The whole call costs this when its input is longer. */
  readonly above_input_tokens: number;
}

export interface PriceView extends RatesView {
  readonly effective_from: string;
  readonly source: string;
  /** By rising length of the input. */
  readonly steps: readonly PriceStepView[];
}

/** A model as OpenAI's clients read it, and what Longhaul knows besides. */
export interface ModelView {
  readonly id: string;
  readonly object: 'model';
  readonly owned_by: string;
  readonly provider: string;
  readonly model: string;
  readonly aliases: readonly string[];
  readonly status: ModelListing['status'];
  readonly successor: string | null;
  readonly context_window: number | null;
  readonly max_output_tokens: number | null;
  readonly min_output_tokens: number | null;
  readonly capabilities: ModelListing['capabilities'];
  /** Null = unpriced. */
  readonly price: PriceView | null;
  readonly tool_choice: ModelListing['toolChoices'];
  readonly temperature: ModelListing['temperature'];
  readonly free: boolean;
  readonly tags: readonly string[];
  /** Models of several providers that are one and the same share this word. */
  readonly group: string | null;
  readonly tiers: readonly Tier[];
  /** A day such as 2026-01-31. */
  readonly retires_at: string | null;
  readonly warning: string | null;
  readonly available: boolean;
  readonly unavailable_because: string | null;
  readonly explicit_only: boolean;
  /** Null = never called, or PostgreSQL is away. Absent where the catalogue alone is told. */
  readonly health?: HealthView | null;
}

/** A model and how its calls have gone. */
export const viewMeasured = (
  listing: ModelListing,
  health: Parameters<typeof viewHealth>[0] | null,
): ModelView => ({ ...viewModel(listing), health: health === null ? null : viewHealth(health) });

export const viewModel = (listing: ModelListing): ModelView => ({
  id: listing.name,
  object: 'model',
  owned_by: listing.provider,
  provider: listing.provider,
  model: listing.model,
  aliases: listing.aliases,
  status: listing.status,
  successor: listing.successor,
  context_window: listing.contextWindow,
  max_output_tokens: listing.maxOutputTokens,
  min_output_tokens: listing.minOutputTokens,
  capabilities: listing.capabilities,
  price: listing.price === null ? null : viewPrice(listing.price),
  tool_choice: listing.toolChoices,
  temperature: listing.temperature,
  free: listing.free,
  tags: listing.tags,
  group: listing.group,
  tiers: listing.tiers,
  retires_at: listing.retiresAt,
  warning: listing.warning,
  available: listing.unavailableBecause === null,
  unavailable_because: listing.unavailableBecause,
  explicit_only: listing.explicitOnly,
});

const viewRates = (rates: Rates): RatesView => ({
  input_per_mtok_usd: rates.inputPerMTok,
  cached_input_per_mtok_usd: rates.cachedInputPerMTok ?? null,
  cache_write_per_mtok_usd: rates.cacheWritePerMTok ?? null,
  output_per_mtok_usd: rates.outputPerMTok,
});

const viewStep = (step: PriceStep): PriceStepView => ({
  above_input_tokens: step.aboveInputTokens,
  ...viewRates(step),
});

export const viewPrice = (price: Price): PriceView => ({
  ...viewRates(price),
  effective_from: price.effectiveFrom,
  source: price.source,
  steps: (price.steps ?? []).map(viewStep),
});
