import { Database, Statement } from './database';
import { isNoRoom } from './store-faults';

/**
 * More rows than fit into the least `work_mem`: PostgreSQL puts them into a file beside its tables, and takes it away
 * again. Nothing is written to a table or to the log, so it costs about a millisecond, and no lock.
 */
const PROOF: Statement = {
  name: 'room',
  text: `SET LOCAL work_mem = '64kB'; SELECT count(*) FROM generate_series(1, 5000)`,
};

/**
 * Whether the disk of the tables has room. A server without it answers, and takes the writes that fit into the pages that
 * it has; which ones nobody can tell. Throws `store_unavailable` when it does not answer.
 */
export async function hasRoom(database: Database): Promise<boolean> {
  try {
    await database.together(PROOF, []);
    return true;
  } catch (thrown) {
    if (isNoRoom(thrown)) return false;
    throw thrown;
  }
}
