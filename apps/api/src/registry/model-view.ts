import { Price } from '@longhaul/contract';
import { ModelListing } from '@longhaul/registry';

/** Prices in USD per million tokens; null = billed as input that is not cached. */
export interface PriceView {
  readonly input_per_mtok_usd: number;
  readonly cached_input_per_mtok_usd: number | null;
  readonly cache_write_per_mtok_usd: number | null;
  readonly output_per_mtok_usd: number;
  readonly effective_from: string;
  readonly source: string;
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
  readonly capabilities: ModelListing['capabilities'];
  /** Null = unpriced. */
  readonly price: PriceView | null;
  readonly available: boolean;
  readonly unavailable_because: string | null;
  readonly explicit_only: boolean;
}

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
  capabilities: listing.capabilities,
  price: listing.price === null ? null : viewPrice(listing.price),
  available: listing.unavailableBecause === null,
  unavailable_because: listing.unavailableBecause,
  explicit_only: listing.explicitOnly,
});

const viewPrice = (price: Price): PriceView => ({
  input_per_mtok_usd: price.inputPerMTok,
  cached_input_per_mtok_usd: price.cachedInputPerMTok ?? null,
  cache_write_per_mtok_usd: price.cacheWritePerMTok ?? null,
  output_per_mtok_usd: price.outputPerMTok,
  effective_from: price.effectiveFrom,
  source: price.source,
});
