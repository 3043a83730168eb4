import { JobProgress } from '@longhaul/contract';
import { Database, Statement } from './database';
import { HeldClaim } from './lease.records';

/** How far a claim is. */
export interface ShownProgress extends HeldClaim {
  readonly progress: JobProgress;
}

/**
 * Guarantees: shows the progress of exactly those jobs that still run under the fence they were claimed with; after a
 * settlement, in whatever order the two arrive, it writes nothing. Waits for no lock: a job that another statement has
 * in hand is passed over. Locks jobs in id order. Inputs: $1 ids, $2 fences, $3 progress. Returns: the jobs written.
 */
const SHOW: Statement = {
  name: 'show_progress',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT j.id, mine.shown
      FROM jobs j JOIN unnest($1::text[], $2::bigint[], $3::jsonb[]) AS mine (id, fence, shown) USING (id, fence)
      WHERE j.status = 'in_progress' AND j.lease_owner IS NOT NULL
      ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED
    )
    UPDATE jobs SET progress = locked.shown FROM locked WHERE jobs.id = locked.id
    RETURNING jobs.id`,
};

/** What people who watch a running job see. Nothing depends on it. */
export class ProgressRecords {
  constructor(private readonly database: Database) {}

  /** One statement for all claims of a process. @returns the ids of the jobs that were written */
  async show(shown: readonly ShownProgress[]): Promise<string[]> {
    const values = [
      shown.map(({ jobId }) => jobId),
      shown.map(({ fence }) => fence),
      shown.map(({ progress }) => JSON.stringify(progress)),
    ];
    const rows = await this.database.run<{ id: string }>(SHOW, values);
    return rows.map(({ id }) => id);
  }
}
