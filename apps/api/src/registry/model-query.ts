import { malformed, Query, quote, refuseOthers, valuesOf } from '../http/query';

/** What a list of models is cut to; null = all. */
export interface ModelFilter {
  readonly provider: string | null;
  readonly available: boolean | null;
}

/** Reads `?provider=` and `?available=`. Throws `malformed_request`. */
export function readModelFilter(query: Query): ModelFilter {
  refuseOthers(query, ['provider', 'available']);
  return { provider: single(query, 'provider'), available: availableOf(single(query, 'available')) };
}

function availableOf(word: string | null): boolean | null {
  if (word === null) return null;
  if (word === 'true' || word === 'false') return word === 'true';
  throw malformed('available', `\`available\` takes true or false; it does not know ${quote(word)}.`);
}

function single(query: Query, name: string): string | null {
  const [first, ...others] = valuesOf(query, name);
  if (others.length > 0) throw malformed(name, `\`${name}\` was given more than once.`);
  return first ?? null;
}
