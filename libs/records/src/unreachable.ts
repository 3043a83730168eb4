import { GatewayError } from '@longhaul/contract';
import { isAway } from './store-faults';

const WRONG_PASSWORD = '28P01';

/** SQLSTATEs of a server that answers and does not let us in, with what to look at. */
const REFUSALS: Readonly<Record<string, string>> = {
  [WRONG_PASSWORD]: 'it does not accept the password of DATABASE_URL',
  '28000': 'it does not admit the user of DATABASE_URL',
  '3D000': 'it has no database of the name in DATABASE_URL',
};

/** Whether a server may still come that is not there, or that still starts; one that refuses us will go on doing so. */
export const mayStillCome = (thrown: unknown): boolean =>
  isAway(thrown) && !Object.hasOwn(REFUSALS, codeOf(thrown));

/** Why the first connection failed, for the person who starts the process; other faults come back as they are. */
export function explainUnreachable(databaseUrl: string, thrown: unknown): unknown {
  const code = codeOf(thrown);
  const refusal = REFUSALS[code];
  if (refusal === undefined && !isAway(thrown)) return thrown;
  const why = refusal ?? `it cannot be reached (${code === '' ? 'no answer in time' : code})`;
  return new GatewayError(
    'store_unavailable',
    `PostgreSQL at ${placeOf(databaseUrl)}: ${why}. Check DATABASE_URL and ${code === WRONG_PASSWORD ? 'its password' : 'the server'}.`,
    { cause: thrown },
  );
}

/** Host, port and database; the password stays out. */
function placeOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'the address in DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `${host === '' ? 'localhost' : host}${pathname}`;
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
