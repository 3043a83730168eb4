import { ErrorCode } from '@longhaul/contract';

/** What is known of an upstream's error. `words`: its codes and types, in lower case. */
export interface ErrorFacts {
  readonly words: readonly string[];
  readonly message: string;
  /** The HTTP status, or the numeric code of an error inside a 200. */
  readonly status: number;
  /** The reply says when to come back. */
  readonly hasHint: boolean;
}

/** Every member that is given must fit. The first row that fits decides. */
export interface ErrorRowMatch {
  readonly code: ErrorCode;
  readonly words?: readonly string[];
  readonly text?: RegExp;
  readonly status?: readonly number[];
  readonly hasHint?: boolean;
}

const fits = (row: ErrorRowMatch, facts: ErrorFacts): boolean =>
  (row.words?.some((word) => facts.words.includes(word)) ?? true) &&
  (row.text?.test(facts.message) ?? true) &&
  (row.status?.includes(facts.status) ?? true) &&
  (row.hasHint === undefined || row.hasHint === facts.hasHint);

/** The code of the first row that fits; what no row knows is never taken for success. */
export function codeBy(rows: readonly ErrorRowMatch[], facts: ErrorFacts): ErrorCode {
  const row = rows.find((candidate) => fits(candidate, facts));
  if (row !== undefined) return row.code;
  // A redirect is not followed: the key would go wherever it points.
  if (facts.status >= 300 && facts.status < 400) return 'malformed_response';
  return facts.status >= 400 && facts.status < 500 ? 'rejected_request' : 'upstream_error';
}
