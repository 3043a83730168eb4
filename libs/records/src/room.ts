import { Database, Statement } from './database';
import { isNoRoom } from './store-faults';

/**
 * More rows than fit into the least `work_mem`: PostgreSQL puts them into a file beside its tables, and takes it away
 * again. Nothing is written to a table or to the log, so it costs about a millisecond, and no lock.
 */
const PROOF: Statement = {
  name: 'room',
  text: `
    SET LOCAL work_mem = '64kB';
    SELECT count(*), current_setting('transaction_read_only') = 'on' AS "isReadOnly" FROM generate_series(1, 5000)`,
};

/** Why a server that answers would refuse a write. A standby is read-only, and so is who has `default_transaction_read_only`. */
export type WriteRefusal = 'no_room' | 'read_only';

/**
 * Whether it takes writes, and the disk of the tables has room. A server without room answers, and takes the writes that
 * fit into the pages that it has; which ones nobody can tell. Throws `store_unavailable` when it does not answer.
 */
export async function writeRefusal(database: Database): Promise<WriteRefusal | null> {
  try {
    const [row] = await database.together<{ isReadOnly: boolean }>(PROOF, []);
    return row?.isReadOnly ? 'read_only' : null;
  } catch (thrown) {
    if (isNoRoom(thrown)) return 'no_room';
    throw thrown;
  }
}
