import { GatewayError } from '@longhaul/contract';

/** A query as the server has parsed it: a name that stands twice holds a list. */
export type Query = Readonly<Record<string, unknown>>;

/** What is ignored in silence is believed to work. @param shown the names as the error tells them */
export function refuseOthers(
  query: Query,
  allowed: readonly string[],
  shown: readonly string[] = allowed,
): void {
  const other = Object.keys(query).find((name) => !allowed.includes(name));
  if (other === undefined) return;
  const known = shown.filter((name) => !name.endsWith('[]')).join(', ') || 'none';
  throw malformed(other, `The query has no parameter ${quote(other)}; it takes ${known}.`);
}

export const valuesOf = (query: Query, name: string): string[] => {
  const value = query[name];
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
};

export const splitAtCommas = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** A caller's word inside a sentence: short, and in quotes that show where it ends. */
export const quote = (word: string): string => JSON.stringify(word.slice(0, 40));

export const malformed = (param: string, message: string): GatewayError =>
  new GatewayError('malformed_request', message, { param: param.slice(0, 80) });
