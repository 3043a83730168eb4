import { FeedRecords, FeedTerms, Records } from '@longhaul/records';
import { freshRecords } from '../support/records';

export const CAP = 10;

export interface Waiting {
  readonly caller: string;
  readonly priority: number;
  readonly model: string;
  /** How long it has been ready; negative = it is not yet. */
  readonly readySecondsAgo: number;
}

const A_JOB: Waiting = { caller: 'a', priority: 5, model: 'm', readySecondsAgo: 1 };

export const many = (count: number, job: Partial<Waiting>): Partial<Waiting>[] =>
  Array.from({ length: count }, () => job);

/** The id of the job in this place of what was given to `wait`, from 1 on. */
export const id = (place: number, prefix = 'job'): string => `${prefix}_${String(place).padStart(5, '0')}`;

/** One lane, named `one`, and a feed of its own. */
export class FeedRig {
  #feed: FeedRecords;

  private constructor(readonly records: Records) {
    this.#feed = records.feed;
  }

  static async over(): Promise<FeedRig> {
    return new FeedRig(await freshRecords());
  }

  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.records.database.pool.query<Record<string, unknown>>(text, values)).rows;
  }

  /** Empties the lane; the rounds begin anew. */
  async empty(): Promise<void> {
    await this.query('TRUNCATE jobs, job_events, attempts, slots, lanes, cooldowns');
    await this.records.lanes.declare([{ name: 'one', cap: CAP }], 48);
    this.#feed = new FeedRecords(this.records.database);
  }

  /** In one statement, so that thousands cost little. */
  async wait(jobs: readonly Partial<Waiting>[], prefix = 'job'): Promise<void> {
    const rows = jobs.map((job) => ({ ...A_JOB, ...job }));
    await this.query(
      `INSERT INTO jobs (id, caller, type, phase, model, input, chain, decision, provider, target_model, max_calls,
                         priority, ready_at, deadline_at)
       SELECT $1 || '_' || lpad(n::text, 5, '0'), caller, 'chat', 'waiting', 'auto', '{}', '[]', '{}', 'one', model, 8,
         priority, statement_timestamp() - ago * interval '1 second', now() + interval '1 hour'
       FROM unnest($2::text[], $3::text[], $4::int[], $5::float8[])
         WITH ORDINALITY AS t (caller, model, priority, ago, n)`,
      [
        prefix,
        ...[rows.map(({ caller }) => caller), rows.map(({ model }) => model)],
        ...[rows.map(({ priority }) => priority), rows.map(({ readySecondsAgo }) => readySecondsAgo)],
      ],
    );
  }

  async rung(terms: Partial<FeedTerms> = {}): Promise<string[]> {
    const fed = await this.#feed.feed('one', terms);
    return fed.fed ? fed.rung.map(({ jobId }) => jobId) : [];
  }

  /** A lane at work: one ticket is rung for each job that ends. */
  async rungAndEnded(jobs: number): Promise<string[]> {
    const seen = await this.rung();
    while (seen.length < jobs) {
      await this.query(
        `UPDATE jobs SET status = 'completed', completed_at = now()
         WHERE id = (SELECT id FROM jobs WHERE rung_at IS NOT NULL AND status = 'queued' ORDER BY rung_at LIMIT 1)`,
      );
      seen.push(...(await this.rung()));
    }
    return seen;
  }
}
