import { Database, Statement } from './database';
import type { jobEvents } from './schema';

/** One transition of a job, as the triggers of the migration wrote it down. */
export type JobEventRow = typeof jobEvents.$inferSelect;

export interface EventPage {
  /** Only events with a greater number; -1 = from the first. */
  readonly after: number;
  readonly limit: number;
}

/** Inputs: $1 job, $2 after, $3 most rows. Returns: the events in order, by the primary key. */
const EVENTS: Statement = {
  name: 'events',
  text: `
    SELECT job_id AS "jobId", seq, at, status, phase, attempt, provider, model, code
    FROM job_events WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
};

/** Reads the logs of jobs. Nothing writes them but the database itself. */
export class EventRecords {
  constructor(private readonly database: Database) {}

  async page(jobId: string, { after, limit }: EventPage): Promise<{ rows: JobEventRow[]; hasMore: boolean }> {
    const rows = await this.database.run<JobEventRow>(EVENTS, [jobId, after, limit + 1]);
    return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
  }
}
