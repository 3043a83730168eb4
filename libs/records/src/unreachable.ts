import { GatewayError } from '@longhaul/contract';
import { isAway } from './store-faults';

const WRONG_PASSWORD = '28P01';

/** A standby, or one that is kept from writing for a while. */
const READ_ONLY = '25006';

/** SQLSTATEs of a server that answers and does not let us in, with what to look at. */
const REFUSALS: Readonly<Record<string, string>> = {
  [WRONG_PASSWORD]: 'it does not accept the password of DATABASE_URL',
  '28000': 'it does not admit the user of DATABASE_URL',
  '3D000': 'it has no database of the name in DATABASE_URL',
};

/** What `pg` says, which gives it no code. */
const NO_TLS = 'The server does not support SSL connections';
/** As Node and OpenSSL name what is wrong with a certificate. */
const CERTIFICATE = /^(?:ERR_TLS_CERT|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(?:GET_ISSUER|VERIFY))/;

/** Why a server that answers is of no use; undefined when it gave none of these reasons. */
function refusalOf(thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  if (thrown instanceof Error && thrown.message === NO_TLS)
    return 'it speaks no TLS, which the sslmode of DATABASE_URL asks for';
  if (CERTIFICATE.test(code))
    return `its certificate is not trusted here (${code}; see sslrootcert and NODE_EXTRA_CA_CERTS)`;
  return Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
}

/**
 * Whether a server may still come that is not there, or that still starts; one that refuses us will go on doing so. A
 * certificate may be renewed.
 */
export const mayStillCome = (thrown: unknown): boolean =>
  isAway(thrown) && !Object.hasOwn(REFUSALS, codeOf(thrown));

/** Why the first connection failed, for the person who starts the process; other faults come back as they are. */
export function explainUnreachable(databaseUrl: string, thrown: unknown): unknown {
  const code = codeOf(thrown);
  const refusal = refusalOf(thrown);
  if (refusal === undefined && !isAway(thrown)) return thrown;
  const why = refusal ?? (code === READ_ONLY ? 'it takes no writes' : unreached(code));
  return new GatewayError(
    'store_unavailable',
    `PostgreSQL at ${placeOf(databaseUrl)}: ${why}. Check DATABASE_URL and ${code === WRONG_PASSWORD ? 'its password' : 'the server'}.`,
    { cause: thrown },
  );
}

const unreached = (code: string): string =>
  `it cannot be reached (${code === '' ? 'no answer in time' : code})`;

/** Host, port and database; the password stays out. */
function placeOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'the address in DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `${host === '' ? 'localhost' : host}${pathname}`;
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
