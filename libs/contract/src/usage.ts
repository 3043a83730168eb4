/**
 * Tokens in disjoint buckets: a token is counted in exactly one of the first four. `reasoning` is the part of
 * `output` that was not shown (providers-wire: usage normalisation).
 */
export interface Usage {
  readonly freshInput: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Prices in USD per million tokens. A missing cache price is the input price. */
export interface Rates {
  readonly inputPerMTok: number;
  readonly cachedInputPerMTok?: number;
  readonly cacheWritePerMTok?: number;
  readonly outputPerMTok: number;
}

/** What a call costs whose input is longer than this: the whole call, not only what is above. */
export interface PriceStep extends Rates {
  readonly aboveInputTokens: number;
}

/** One price row of the catalogue. */
export interface Price extends Rates {
  /** A day such as 2026-01-31. */
  readonly effectiveFrom: string;
  readonly source: string;
  /** By rising length of the input; absent = one price for all lengths. */
  readonly steps?: readonly PriceStep[];
}

/** `usage` of the public API: `input_tokens` is the sum of the three input buckets. */
export interface UsageView {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

export function viewUsage(usage: Usage): UsageView {
  const input = usage.freshInput + usage.cacheRead + usage.cacheWrite;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  };
}

const NANO_PER_USD = 1_000_000_000;
const TOKENS_PER_PRICE = 1_000_000;

/** What holds for an input of this length. */
function ratesFor(inputTokens: number, price: Price): Rates {
  return price.steps?.findLast((step) => inputTokens > step.aboveInputTokens) ?? price;
}

/** Cost in integer nano-USD, rounded up once per call. A missing cache price falls back to the input price. */
export function costNanoUsd(usage: Usage, row: Price): number {
  const price = ratesFor(usage.freshInput + usage.cacheRead + usage.cacheWrite, row);
  const cachedInput = price.cachedInputPerMTok ?? price.inputPerMTok;
  const cacheWrite = price.cacheWritePerMTok ?? price.inputPerMTok;
  const usdTimesMTok =
    usage.freshInput * price.inputPerMTok +
    usage.cacheRead * cachedInput +
    usage.cacheWrite * cacheWrite +
    usage.output * price.outputPerMTok;
  return roundedUp((usdTimesMTok * NANO_PER_USD) / TOKENS_PER_PRICE);
}

/** More digits than a price has: what binary fractions add beyond them is noise, and 0.1 + 0.2 must not cost one nano-dollar more. */
const NOISE = 1e-12;

/** A sum of money in whole nano-USD, never less than what was meant. */
export const roundedUp = (nano: number): number => Math.ceil(nano - nano * NOISE);

/** Nano-USD as the API's `cost_usd`; null stays null, which means unpriced. */
export const usdFromNano = (nano: number | null): number | null =>
  nano === null ? null : nano / NANO_PER_USD;
