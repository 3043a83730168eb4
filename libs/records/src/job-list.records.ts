import { GatewayError, JobStatus } from '@longhaul/contract';
import { Database } from './database';
import { JobSummary, SUMMARY_COLUMNS } from './job.row';

/** Which of a caller's jobs, and which page of them. Nothing given = everything, newest first. */
export interface JobFilter {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The page after, or before, this job in the order asked for; not both. */
  readonly after?: string;
  readonly before?: string;
  readonly statuses: readonly JobStatus[];
  readonly type?: string;
  /** As it was asked for, or as it answered: `<model>` or `<provider>/<model>`. */
  readonly model?: string;
  readonly provider?: string;
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A cursor's own place; a deleted job keeps its place by its tombstone. Inputs: $1 id, $2 caller. */
const PLACE = {
  name: 'list_place',
  text: `
    SELECT created_at::text AS at FROM jobs WHERE id = $1 AND caller = $2
    UNION ALL SELECT created_at::text FROM tombstones WHERE job_id = $1 AND caller = $2 LIMIT 1`,
};

/** Conditions with their values; a value is only ever a parameter. */
class Conditions {
  readonly values: unknown[] = [];
  private readonly parts: string[] = [];

  /** `?` stands for each value in turn. */
  add(condition: string, ...values: readonly unknown[]): this {
    const numbers = values.map((value) => this.values.push(value));
    this.parts.push(condition.replace(/\?/g, () => `$${String(numbers.shift())}`));
    return this;
  }

  /** The parameter of a value that stands outside the conditions. */
  value(value: unknown): string {
    return `$${String(this.values.push(value))}`;
  }

  get text(): string {
    return this.parts.join(' AND ');
  }
}

/** Pages of a caller's jobs, by (created_at, id), which new jobs do not shift. */
export class JobListRecords {
  constructor(private readonly database: Database) {}

  /** @throws GatewayError malformed_request for a cursor that is no job of this caller */
  async page(caller: string, filter: JobFilter): Promise<{ rows: JobSummary[]; hasMore: boolean }> {
    const { limit, before, after } = filter;
    const conditions = conditionsOf(caller, filter);
    const isBackward = before !== undefined;
    // A page before a job is read from that job outwards, and turned round.
    const direction = (filter.order === 'asc') === isBackward ? 'DESC' : 'ASC';
    const cursor = before ?? after;
    if (cursor !== undefined) {
      const comparison = direction === 'ASC' ? '>' : '<';
      const place = await this.place(cursor, caller, isBackward ? 'before' : 'after');
      conditions.add(`(created_at, id) ${comparison} (?::timestamptz, ?)`, place, cursor);
    }
    const order = { direction, most: limit + 1 } as const;
    const text = pageText(conditions, order, filter.statuses);
    const rows = await this.database.ask<JobSummary>(text, conditions.values);
    const page = rows.slice(0, limit);
    return { rows: isBackward ? page.reverse() : page, hasMore: rows.length > limit };
  }

  private async place(id: string, caller: string, param: 'after' | 'before'): Promise<string> {
    const [place] = await this.database.run<{ at: string }>(PLACE, [id, caller]);
    if (place) return place.at;
    const asked = `\`${param}\` names ${JSON.stringify(id)}, which is no job of yours`;
    throw new GatewayError('malformed_request', `${asked}; take \`first_id\` or \`last_id\` of a page.`, {
      param,
    });
  }
}

/**
 * One page in order. With statuses it is put together from a page of each: only within one status is `jobs_by_status`
 * in the order of the list, and a rare status must not be looked for among all of a caller's jobs.
 */
function pageText(
  conditions: Conditions,
  { direction, most }: { readonly direction: 'ASC' | 'DESC'; readonly most: number },
  statuses: readonly JobStatus[],
): string {
  const rest = `${direction} LIMIT ${String(most)}`;
  const pageWhere = (condition: string): string => `
    SELECT ${SUMMARY_COLUMNS} FROM jobs WHERE ${condition} ORDER BY created_at ${direction}, id ${rest}`;
  if (statuses.length === 0) return pageWhere(conditions.text);
  // Each with a value that the planner knows: of a status that it does not, it takes as many rows as of any other.
  const pages = [...new Set(statuses)].map(
    (status) => `(${pageWhere(`${conditions.text} AND status = ${conditions.value(status)}`)})`,
  );
  if (pages.length === 1) return pages.join('');
  return `${pages.join(' UNION ALL ')} ORDER BY "createdAt" ${direction}, id ${rest}`;
}

function conditionsOf(caller: string, filter: JobFilter): Conditions {
  const { type, model, provider, createdAfter, createdBefore, metadata } = filter;
  const conditions = new Conditions().add('jobs.caller = ?', caller);
  if (type !== undefined) conditions.add('type = ?', type);
  if (model !== undefined)
    conditions.add(`? IN (model, target_model, provider || '/' || target_model)`, model);
  if (provider !== undefined) conditions.add('provider = ?', provider);
  if (createdAfter) conditions.add('created_at >= ?', createdAfter);
  if (createdBefore) conditions.add('created_at < ?', createdBefore);
  // The second half is what lets the partial index be used.
  if (Object.keys(metadata).length > 0)
    conditions.add(`metadata @> ?::jsonb AND metadata <> '{}'`, JSON.stringify(metadata));
  return conditions;
}
