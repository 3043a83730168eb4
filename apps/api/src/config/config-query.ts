import { GatewayError } from '@longhaul/contract';
import { malformed, Query, refuseOthers, valuesOf } from '../http/query';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const WHOLE_NUMBER = /^\d{1,15}$/;

/** Which page of the history; newest first. */
export interface HistoryPage {
  readonly limit: number;
  readonly before: number | null;
}

/** Reads `?limit=` and `?before=`. Throws `malformed_request`. */
export function readHistoryPage(query: Query): HistoryPage {
  refuseOthers(query, ['limit', 'before']);
  const limit = numberOf(query, 'limit', `a whole number from 1 to ${String(MAX_LIMIT)}`) ?? DEFAULT_LIMIT;
  if (limit === 0) {
    throw malformed('limit', `\`limit\` takes a whole number from 1 to ${String(MAX_LIMIT)}.`);
  }
  // Too high is clamped, as in every list.
  return { limit: Math.min(limit, MAX_LIMIT), before: numberOf(query, 'before', 'the number of a version') };
}

function numberOf(query: Query, name: string, expected: string): number | null {
  const [text, ...others] = valuesOf(query, name);
  if (others.length > 0) throw malformed(name, `\`${name}\` was given more than once.`);
  if (text === undefined) return null;
  if (WHOLE_NUMBER.test(text)) return Number(text);
  throw malformed(name, `\`${name}\` takes ${expected}.`);
}

/** A version as a part of a path. Throws `not_found`: what is no number is no version either. */
export function versionOf(text: string): number {
  if (WHOLE_NUMBER.test(text)) return Number(text);
  throw new GatewayError(
    'not_found',
    'A version of the overrides is a whole number; GET /v1/admin/config lists them.',
  );
}
