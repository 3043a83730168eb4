import { ACCEPT_BULK, listOf, PlainJob } from './accept-together';
import { Database, Statement } from './database';
import { JobSummary, SUMMARY_COLUMNS } from './job.row';
import { isUnknown } from './store-faults';

/** Inputs: $1 ids. Returns: the jobs that are there. */
const FIND_ACCEPTED: Statement = {
  name: 'find_accepted',
  text: `
    SELECT j.* FROM unnest($1::text[]) AS mine (id), LATERAL (
      SELECT ${SUMMARY_COLUMNS} FROM jobs WHERE jobs.id = mine.id OFFSET 0
    ) j`,
};

/**
 * For both sayings together, and for the second at least: preparing the jobs and answering take their time too, and the caller
 * is to have its 503 within two seconds.
 */
const SAID_TWICE_MS = 1_700;
const SAID_AGAIN_MS = 150;

/** A single accept with less than this left is not said again: its own clock has run out, and who is silent answers no second question. */
const WORTH_SAYING_MS = 300;

/** Says an accept again whose outcome is not known, and reads it. The ids are ours, so that it makes no second job. */
export class AcceptAgain {
  constructor(
    private readonly database: Database,
    /** Monotonic milliseconds. */
    private readonly now: () => number,
  ) {}

  /**
   * @param accept the first saying
   * @param jobs what it says, for the second
   * @returns the new rows; after the second saying those that are there by now, whichever has made them
   */
  async ifUnknown(
    accept: () => Promise<JobSummary[]>,
    jobs: () => readonly PlainJob[],
  ): Promise<JobSummary[]> {
    const beganMs = this.now();
    try {
      return await accept();
    } catch (thrown) {
      const leftMs = beganMs + SAID_TWICE_MS - this.now();
      if (!isUnknown(thrown) || leftMs < WORTH_SAYING_MS) throw thrown;
    }
    return this.say(jobs(), beganMs);
  }

  /**
   * @param beganMs when the first saying began
   * @throws GatewayError store_unavailable: whether they are stored is still not known
   */
  async say(jobs: readonly PlainJob[], beganMs: number): Promise<JobSummary[]> {
    const endsMs = Math.max(beganMs + SAID_TWICE_MS, this.now() + SAID_AGAIN_MS);
    const rows = await this.database.run<JobSummary>(ACCEPT_BULK, [listOf(jobs)], endsMs - this.now());
    if (rows.length === jobs.length) return rows;
    const ids = jobs.map(({ id }) => id);
    return this.database.run<JobSummary>(FIND_ACCEPTED, [ids], endsMs - this.now());
  }
}
