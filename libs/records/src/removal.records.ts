import { Database, Statement } from './database';
import { startsFrom } from './starts-from';

/** What became of a wish to delete. `missing` = not this caller's, or already deleted. */
export type Removal = 'removed' | 'running' | 'missing';

/**
 * Guarantees: an ended job goes, with its attempts and its log by the trigger `jobs_forget` (which sees what a settlement
 * wrote that this statement had to wait for), and a tombstone stays, all together or nothing. The
 * ledger stays, it is about money; so does the idempotency key, whose repeat must not make a new job.
 * Inputs: $1 id, $2 caller. Returns: whether the job is there, and whether it was removed.
 */
const REMOVE: Statement = {
  name: 'remove_job',
  text: `
    WITH found AS MATERIALIZED (
      SELECT id, caller, created_at, status FROM jobs WHERE id = $1 AND caller = $2 FOR UPDATE
    ), gone AS (
      DELETE FROM jobs USING found WHERE jobs.id = found.id AND ${startsFrom('remove', 'found.status')}
      RETURNING jobs.id, found.caller, found.created_at
    ), buried AS (
      INSERT INTO tombstones (job_id, caller, created_at) SELECT id, caller, created_at FROM gone
    )
    SELECT EXISTS (SELECT 1 FROM gone) AS removed FROM found`,
};

/** Deletes jobs. */
export class RemovalRecords {
  constructor(private readonly database: Database) {}

  async remove(id: string, caller: string): Promise<Removal> {
    const [found] = await this.database.run<{ removed: boolean }>(REMOVE, [id, caller]);
    if (!found) return 'missing';
    return found.removed ? 'removed' : 'running';
  }
}
