import { DatabaseError } from 'pg';
import { GatewayError } from '@longhaul/contract';

/**
 * SQLSTATE classes and codes that speak of the server's state, not of our statement: connection, resources, operator
 * and statement clock, system errors, a standby, a transaction that stood still, and a rollback (`REPEATABLE`) that met us twice.
 */
const AWAY = /^(08|53|57|58|25006|25P03|40001|40P01)/;
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);

/** A full disk: statements that need no new page go on. */
const NO_ROOM = '53100';

const AWAY_WORDS =
  'PostgreSQL does not answer. Nothing was confirmed; check DATABASE_URL and the server, then try again.';
const NO_ROOM_WORDS =
  'PostgreSQL has no room left on its disk. Nothing was confirmed; make room there, then try again.';

export const codeOf = (thrown: unknown): string => {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** True for a fault of the connection or the server, when the outcome of a write is unknown. */
export function isStoreFault(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (AWAY.test(code) || SOCKET_CODES.has(code)) return true;
  // pg reports these without any code: its own clocks, and a socket that closed under a query.
  return (
    thrown instanceof Error &&
    code === '' &&
    /timeout|terminated|not queryable|ended|closed/i.test(thrown.message)
  );
}

/** True when the server answers, and refuses a write for want of room on its disk. */
export const isNoRoom = (thrown: unknown): boolean =>
  codeOf(thrown) === NO_ROOM || (thrown instanceof GatewayError && codeOf(thrown.cause) === NO_ROOM);

/** Of a statement that was refused. Any other fault may be one of this very connection, or of the server that it leads to. */
export const leavesWhole = (thrown: unknown): boolean =>
  thrown instanceof DatabaseError &&
  thrown.severity === 'ERROR' &&
  (isNoRoom(thrown) || !isStoreFault(thrown));

/** What a caller is told; what is no fault of the store comes back as it is. */
export function storeFaultOf(thrown: unknown): unknown {
  if (!isStoreFault(thrown)) return thrown;
  const why = isNoRoom(thrown) ? NO_ROOM_WORDS : AWAY_WORDS;
  return new GatewayError('store_unavailable', why, { cause: thrown, retryAfterMs: 1000 });
}
