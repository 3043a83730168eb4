import { Price, PriceStep, Rates } from '@longhaul/contract';
import { NumberRange, TableReader } from './table-reader';

const RATE_KEYS = ['input', 'cached_input', 'cache_write', 'output'] as const;
const PRICE_KEYS = [...RATE_KEYS, 'effective_from', 'source', 'currency', 'steps'] as const;
const STEP_KEYS = ['above', ...RATE_KEYS] as const;
const CURRENCY = 'USD';

const USD_PER_MTOK: NumberRange = { min: 0, max: 1_000_000 };
const TOKENS: NumberRange = { min: 1, max: 1_000_000_000, whole: true };

/** One price table. @param defaultDay what `effective_from` is where it is left out; null = it may not be */
export function readPrice(table: TableReader, defaultDay: string | null): Price {
  table.refuseUnknownKeys(PRICE_KEYS, 'price');
  refuseOtherCurrency(table);
  const steps = readSteps(table);
  return {
    ...readRates(table, 'the price'),
    effectiveFrom: need(table, 'the price has no effective_from', table.date('effective_from') ?? defaultDay),
    source: need(table, 'the price has no source', table.string('source')),
    ...(steps.length === 0 ? {} : { steps }),
  };
}

/** All price rows of a model, by rising day. */
export function readPrices(model: TableReader): readonly Price[] {
  const tables = model.tables('price');
  const seen = new Set<string>();
  const prices = tables.map((table) => {
    const price = readPrice(table, null);
    if (seen.has(price.effectiveFrom)) {
      table.fail(
        'effective_from',
        `two prices are effective from ${price.effectiveFrom}`,
        'Delete one of them, or correct its day',
      );
    }
    seen.add(price.effectiveFrom);
    return price;
  });
  return prices.sort((left, right) => (left.effectiveFrom < right.effectiveFrom ? -1 : 1));
}

/** The price in force on a day; null = none yet. */
export const priceOn = (day: string, prices: readonly Price[]): Price | null =>
  prices.findLast((price) => price.effectiveFrom <= day) ?? null;

/** Nobody here knows a rate of exchange, and a wrong one would be billed quietly. */
function refuseOtherCurrency(table: TableReader): void {
  const currency = table.string('currency') ?? CURRENCY;
  if (currency === CURRENCY) return;
  table.fail(
    'currency',
    `a price is in ${currency}, and costs are counted in ${CURRENCY}`,
    `Convert the price to ${CURRENCY}, and say so in its source`,
  );
}

function readRates(table: TableReader, what: string): Rates {
  const rate = (key: (typeof RATE_KEYS)[number]): number | null => table.number(key, USD_PER_MTOK);
  const cachedInput = rate('cached_input');
  const cacheWrite = rate('cache_write');
  return {
    inputPerMTok: need(table, `${what} has no input`, rate('input')),
    ...(cachedInput === null ? {} : { cachedInputPerMTok: cachedInput }),
    ...(cacheWrite === null ? {} : { cacheWritePerMTok: cacheWrite }),
    outputPerMTok: need(table, `${what} has no output`, rate('output')),
  };
}

function readSteps(price: TableReader): readonly PriceStep[] {
  let last = 0;
  return price.tables('steps').map((table) => {
    table.refuseUnknownKeys(STEP_KEYS, 'a step of a price');
    const aboveInputTokens = need(table, 'a step of a price has no above', table.number('above', TOKENS));
    if (aboveInputTokens <= last) {
      table.fail(
        'above',
        `the steps of a price do not rise: ${String(aboveInputTokens)} comes after ${String(last)}`,
        'Sort them by "above", each once',
      );
    }
    last = aboveInputTokens;
    return { aboveInputTokens, ...readRates(table, 'a step of a price') };
  });
}

const need = <Value>(table: TableReader, problem: string, value: Value | null): Value =>
  value ?? table.fail(undefined, problem, 'Add it; a model without a price has no price table');
