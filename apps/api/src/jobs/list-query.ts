import { JOB_STATUSES, JobStatus } from '@longhaul/contract';
import { EventPage, JobFilter } from '@longhaul/jobs';
import { dateOf } from './field-rules';
import { malformed, quote, Query, refuseOthers, splitAtCommas, valuesOf } from '../http/query';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const MAX_EVENTS = 1000;
const MAX_TEXT = 256;
const MAX_METADATA = 16;
const METADATA = /^metadata\[(?<key>[^\]]{1,64})\]$/;
const ID = /^[\w-]{1,64}$/;
/** What never stands in a name, and PostgreSQL refuses. */
const CONTROL = /\p{Cc}/u;

const FILTERS = ['limit', 'after', 'before', 'order', 'status', 'status[]', 'type', 'model', 'provider'];
const TIMES = ['created_after', 'created_before'];

/** Reads the query of `GET /v1/jobs`. Throws `malformed_request` for a filter that is unknown or makes no sense. */
export function readJobFilter(query: Query): JobFilter {
  const pairs = Object.keys(query).filter((name) => METADATA.test(name));
  refuseOthers(query, [...FILTERS, ...TIMES, ...pairs], [...FILTERS, ...TIMES, 'metadata[<key>]']);
  const after = idOf(query, 'after');
  const before = idOf(query, 'before');
  if (after !== undefined && before !== undefined) {
    throw malformed('before', 'Give `after` or `before`, not both: a page lies on one side of a job.');
  }
  return {
    limit: limitOf(query, { builtIn: DEFAULT_LIMIT, most: MAX_LIMIT }),
    order: orderOf(query),
    statuses: statusesOf(query),
    metadata: metadataOf(query, pairs),
    ...said('after', after),
    ...said('before', before),
    ...said('type', textOf(query, 'type')),
    ...said('model', textOf(query, 'model')),
    ...said('provider', textOf(query, 'provider')),
    ...said('createdAfter', momentOf(query, 'created_after')),
    ...said('createdBefore', momentOf(query, 'created_before')),
  };
}

/** Reads `?after=` and `?limit=` of a job's events. */
export function readEventPage(query: Query): EventPage {
  refuseOthers(query, ['after', 'limit']);
  const after = single(query, 'after');
  if (after !== undefined && !/^\d{1,9}$/.test(after)) {
    throw malformed('after', '`after` takes the `seq` of an event: a whole number from 0.');
  }
  return {
    after: after === undefined ? -1 : Number(after),
    limit: limitOf(query, { builtIn: MAX_LIMIT, most: MAX_EVENTS }),
  };
}

/** Too high is clamped, since a client that asks for all it can get is not wrong. */
function limitOf(query: Query, { builtIn, most }: { builtIn: number; most: number }): number {
  const limit = single(query, 'limit');
  if (limit === undefined) return builtIn;
  if (!/^\d{1,9}$/.test(limit) || Number(limit) === 0) {
    throw malformed('limit', `\`limit\` takes a whole number from 1 to ${most}.`);
  }
  return Math.min(most, Number(limit));
}

function orderOf(query: Query): 'asc' | 'desc' {
  const order = single(query, 'order') ?? 'desc';
  if (order === 'asc' || order === 'desc') return order;
  throw malformed('order', '`order` takes desc (newest first) or asc.');
}

function statusesOf(query: Query): JobStatus[] {
  const given = ['status', 'status[]'].flatMap((name) => valuesOf(query, name));
  const words = given.flatMap(splitAtCommas);
  // An empty filter is a variable that nobody has set, and no wish for everything.
  const unknown = words.length === 0 ? given[0] : words.find((word) => !isStatus(word));
  if (unknown === undefined) return [...new Set(words.filter(isStatus))];
  throw malformed(
    'status',
    `\`status\` takes ${JOB_STATUSES.join(', ')}; it does not know ${quote(unknown)}.`,
  );
}

const isStatus = (word: string): word is JobStatus => JOB_STATUSES.some((status) => status === word);

function metadataOf(query: Query, names: readonly string[]): Record<string, string> {
  if (names.length > MAX_METADATA) throw malformed('metadata', `At most ${MAX_METADATA} metadata filters.`);
  const pairs = names.map((name) => {
    const key = METADATA.exec(name)?.groups?.key ?? '';
    if (CONTROL.test(key)) throw malformed('metadata', 'A metadata key holds no control characters.');
    return [key, textOf(query, name) ?? ''] as const;
  });
  return Object.fromEntries(pairs);
}

function idOf(query: Query, name: string): string | undefined {
  const id = single(query, name);
  if (id === undefined || ID.test(id)) return id;
  throw malformed(name, `\`${name}\` takes the id of a job, as in \`first_id\` and \`last_id\` of a page.`);
}

function momentOf(query: Query, name: string): Date | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  const date = dateOf(/^\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Number(text) : text);
  if (date !== null) return date;
  throw malformed(name, `\`${name}\` takes Unix seconds, or ISO 8601 with its offset (a + is written %2B).`);
}

function textOf(query: Query, name: string): string | undefined {
  const text = single(query, name);
  if (text === undefined || (text.length <= 2 * MAX_TEXT && !CONTROL.test(text))) return text;
  throw malformed(
    name,
    `${quote(name)} takes at most ${2 * MAX_TEXT} characters, and no control characters.`,
  );
}

function single(query: Query, name: string): string | undefined {
  const values = valuesOf(query, name);
  if (values.length > 1) throw malformed(name, `${quote(name)} was given more than once.`);
  return values[0];
}

const said = <Name extends keyof JobFilter>(
  name: Name,
  value: JobFilter[Name] | undefined,
): Partial<Pick<JobFilter, Name>> =>
  value === undefined ? {} : ({ [name]: value } as Pick<JobFilter, Name>);
