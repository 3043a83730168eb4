import { editDistance, GatewayError } from '@longhaul/contract';

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
  const known = shown.filter((name) => !name.endsWith('[]'));
  const meant = known.find((name) => isNear(other, name));
  const guess = meant === undefined ? 'it takes' : `did you mean \`${meant}\`? It takes`;
  throw malformed(
    other,
    `The query has no parameter ${quote(other)}; ${guess} ${known.join(', ') || 'none'}.`,
  );
}

/** A slip or two of the fingers, in a word long enough to tell. */
const isNear = (word: string, name: string): boolean =>
  word.length <= 40 && editDistance(word.toLowerCase(), name) <= Math.min(2, Math.floor(name.length / 3));

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
