import { DatabaseError } from 'pg';
import { GatewayError } from '@longhaul/contract';

/**
 * SQLSTATE classes and codes of a server that is away for a while: connection, resources, operator and statement clock,
 * system errors, a standby, a transaction that stood still, and a rollback (`REPEATABLE`) that met us twice.
 */
const AWAY = /^(08|53|57|58|25006|25P03|40001|40P01)/;

/**
 * What our values are refused for: data, constraints, limits of size. Nobody mends these from outside, and a repeat meets
 * the same. Any other refusal (a right that was taken, a lock that was not free in time, a database that was renamed)
 * speaks of the server, and a paid answer waits for its end.
 */
const REFUSED = /^(22|23|54)/;

/** Node's codes of sockets, names, handshakes and files: `ECONNRESET`, `ENOTFOUND`, `ERR_TLS_…`, `CERT_HAS_EXPIRED`. */
const SYSTEM = /^(E[A-Z]+$|ERR_(SSL|TLS|SOCKET|STREAM)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** pg reports these without any code: its own clocks, a socket that closed under a query, a pool that is at its end. */
const CODELESS = /timeout|terminated|not queryable|ended|closed|calling end/i;

/** And these of a server that does not shake hands as it did. */
const HANDSHAKE = /\b(SSL|SASL)\b/;

/** A standby, or `default_transaction_read_only`: reads go on. */
const READ_ONLY = '25006';

/** A full disk: statements that need no new page go on. */
const NO_ROOM = '53100';

/** The server's own clock, or an operator, has ended the statement. */
export const CANCELED = '57014';

/** A lock that was not free within `lock_timeout`, ours or the role's. */
const LOCK_NOT_AVAILABLE = '55P03';

const WORDS = {
  away: 'PostgreSQL does not answer. Nothing was confirmed; check DATABASE_URL and the server, then try again.',
  readOnly:
    'PostgreSQL is read-only here. Nothing was confirmed; let DATABASE_URL lead to a server that takes writes, then try again.',
  noRoom: 'PostgreSQL has no room left on its disk. Nothing was confirmed; make room there, then try again.',
  other: (code: string) =>
    `PostgreSQL answers, but does not do its work (SQLSTATE ${code}). Nothing was confirmed; look at its log, then try again.`,
};

export const codeOf = (thrown: unknown): string => {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** Of a connection: the server cannot be reached, or is about to be away or back. */
export function isAway(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (code !== '') return AWAY.test(code) || (!(thrown instanceof DatabaseError) && SYSTEM.test(code));
  return thrown instanceof Error && !(thrown instanceof GatewayError) && CODELESS.test(thrown.message);
}

/** True for a fault of the connection or the server, when the outcome of a write is unknown; false for what it refuses us. */
export const isStoreFault = (thrown: unknown): boolean =>
  thrown instanceof DatabaseError ? !REFUSED.test(codeOf(thrown)) : isAway(thrown) || isHandshake(thrown);

/** Of what pg threw: a clock ran out, and nobody has said anything. */
export const isSilence = (thrown: unknown): boolean =>
  thrown instanceof Error && /timeout/i.test(thrown.message) && codeOf(thrown) === '';

const isHandshake = (thrown: unknown): boolean =>
  thrown instanceof Error && codeOf(thrown) === '' && HANDSHAKE.test(thrown.message);

/** Of a fault as PostgreSQL told it, or as it was told on. */
const stateOf = (thrown: unknown): string => codeOf(thrown instanceof GatewayError ? thrown.cause : thrown);

/** Of what a store call threw: nothing was confirmed, and it may be asked again. */
export const isStoreAway = (thrown: unknown): thrown is GatewayError =>
  thrown instanceof GatewayError && thrown.code === 'store_unavailable';

/** Of what a store call threw: it may have been done all the same. What PostgreSQL ends with an ERROR it has rolled back. */
export const isUnknown = (thrown: unknown): boolean =>
  isStoreAway(thrown) && !(thrown.cause instanceof DatabaseError && thrown.cause.severity === 'ERROR');

/** True when the server answers, and refuses a write for want of room on its disk. */
export const isNoRoom = (thrown: unknown): boolean => stateOf(thrown) === NO_ROOM;

/** True when somebody else held a lock for longer than the statement was to wait. */
export const isLockWait = (thrown: unknown): boolean => stateOf(thrown) === LOCK_NOT_AVAILABLE;

/** Of a statement that was refused or ended. Any other fault may be one of this very connection, or of the server that it leads to. */
export const leavesWhole = (thrown: unknown): boolean =>
  thrown instanceof DatabaseError &&
  thrown.severity === 'ERROR' &&
  (isNoRoom(thrown) || isLockWait(thrown) || codeOf(thrown) === CANCELED || !isStoreFault(thrown));

/** What a caller is told; what is no fault of the store comes back as it is. */
export function storeFaultOf(thrown: unknown): unknown {
  if (!isStoreFault(thrown)) return thrown;
  return new GatewayError('store_unavailable', wordsOf(thrown), { cause: thrown, retryAfterMs: 1000 });
}

function wordsOf(thrown: unknown): string {
  if (isNoRoom(thrown)) return WORDS.noRoom;
  if (codeOf(thrown) === READ_ONLY) return WORDS.readOnly;
  return isAway(thrown) ? WORDS.away : WORDS.other(codeOf(thrown));
}
