import { GatewayError } from '@longhaul/contract';
import { AcceptAgain } from './accept-again';
import { ACCEPT_BULK, listOf, plainJob } from './accept-together';
import type { AcceptRecords, IdempotencyKey, NewJob } from './accept.records';
import { Database, Statement } from './database';
import { JobSummary, SUMMARY_COLUMNS } from './job.row';
import { conflict, deleted, KEY_LIFE } from './key-life';
import { isLockWait, isNoRoom, isStoreAway } from './store-faults';

/** What became of one job of several: its row, or why it was not taken. */
export type BulkAccept = { readonly row: JobSummary; readonly replayed: boolean } | GatewayError;

/**
 * `find_by_key` for many, each looked up by itself: planned while there are few rows, a plain join would read all.
 * Inputs: $1 caller, $2 routes, $3 keys. Returns: what was found, with its place in $2.
 */
const FIND_BY_KEYS: Statement = {
  name: 'find_by_keys',
  text: `
    SELECT mine.place::int, k.fingerprint, k.job_id AS "keyedId", j.*
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS mine (route, key, place)
    CROSS JOIN LATERAL (
      SELECT fingerprint, job_id FROM idempotency_keys
      WHERE caller = $1 AND route = mine.route AND key = mine.key AND created_at >= clock_timestamp() - ${KEY_LIFE}
      OFFSET 0
    ) k
    LEFT JOIN LATERAL (SELECT ${SUMMARY_COLUMNS} FROM jobs WHERE jobs.id = k.job_id OFFSET 0) j ON true`,
};

type Keyed = { readonly place: number; readonly fingerprint: string; readonly keyedId: string } & (
  JobSummary | { readonly [Column in keyof JobSummary]: null }
);

/** One that waits for the lock of its key need not hold up all the others, nor they take every connection. */
const ALONE_AT_ONCE = 4;

/** A PostgreSQL that is well is done with a whole chunk in a tenth of it; a slow one would hold the request for a minute. */
const ALONE_MS = 5_000;

/** Accepts many jobs of one caller, each with an outcome of its own. */
export class BulkAcceptRecords {
  private readonly again: AcceptAgain;

  constructor(
    private readonly database: Database,
    private readonly accepts: Pick<AcceptRecords, 'accept'>,
    /** Monotonic milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.again = new AcceptAgain(database, now);
  }

  /**
   * Stores jobs in one transaction. What PostgreSQL refuses in one of them is asked for each by itself, so that no other
   * is harmed by it. Of jobs with one key the first is the job, and the others are its repeats. When PostgreSQL goes away
   * meanwhile, what is known by then stands, and what has not had its turn is `store_unavailable`.
   * @returns an outcome for each, in their order
   * @throws GatewayError store_unavailable: whether they are stored is not known
   */
  async accept(jobs: readonly NewJob[]): Promise<BulkAccept[]> {
    const taken = await this.take(firstsOf(jobs));
    const others = jobs.filter(({ id }) => !taken.has(id));
    const fault = [...taken.values()].find(isStoreAway);
    const found = fault ? others.map(() => unconfirmed(fault)) : await this.repeatsOf(others);
    for (const [at, { id }] of others.entries()) taken.set(id, found[at] ?? unconfirmed(null));
    return jobs.map(({ id }) => taken.get(id) ?? unconfirmed(null));
  }

  /** For each key the outcome of a repeat: the job of an earlier request, why it is none, or null = the key is new. */
  async known(caller: string, keys: readonly (IdempotencyKey | null)[]): Promise<(BulkAccept | null)[]> {
    const found = keys.map((): BulkAccept | null => null);
    if (!keys.some((key) => key !== null)) return found;
    const values = [caller, keys.map((key) => key?.route ?? null), keys.map((key) => key?.key ?? null)];
    for (const row of await this.database.run<Keyed>(FIND_BY_KEYS, values)) {
      const at = row.place - 1;
      found[at] = repeatOf(row, keys[at]?.fingerprint ?? '');
    }
    return found;
  }

  /** Of jobs whose keys are there. What has become of the others is known by now, and no fault takes it back. */
  private async repeatsOf(jobs: readonly NewJob[]): Promise<BulkAccept[]> {
    const known = await this.known(jobs[0]?.caller ?? '', jobs.map(keyOf)).catch((thrown: unknown) => {
      if (!isStoreAway(thrown)) throw thrown;
      return jobs.map(() => unconfirmed(thrown));
    });
    // A key whose life ended between the two statements is a new one; one after the other, for two may have the same.
    const late = jobs.filter((_, at) => !known[at]);
    const outcomes = await this.eachAlone(late, 1);
    return known.map((outcome) => outcome ?? outcomes.shift() ?? unconfirmed(null));
  }

  /** The outcomes of those that are new, by id; when they could not go together, of all of them. */
  private async take(jobs: readonly NewJob[]): Promise<Map<string, BulkAccept>> {
    const rows = await this.insert(jobs);
    if (rows !== null) return new Map(rows.map((row) => [row.id, { row, replayed: false }]));
    const outcomes = await this.eachAlone(jobs, ALONE_AT_ONCE);
    return new Map(jobs.map(({ id }, at) => [id, outcomes[at] ?? unconfirmed(null)]));
  }

  /** Null = PostgreSQL refused one of them, or the key of one is being written elsewhere, and with it all are refused. After an unknown outcome it is said again, and read. */
  private async insert(jobs: readonly NewJob[]): Promise<JobSummary[] | null> {
    const plain = jobs.map((job) => plainJob(job, JSON.stringify(job.input)));
    const beganMs = this.now();
    try {
      return await this.database.run<JobSummary>(ACCEPT_BULK, [listOf(plain)]);
    } catch (thrown) {
      if (isLockWait(thrown) || !(thrown instanceof GatewayError)) return null;
    }
    return this.again.say(plain, beganMs).catch((thrown: unknown) => {
      throw unconfirmed(thrown);
    });
  }

  /** Ends at the first that finds PostgreSQL away: each of the others would wait for a clock of its own. */
  private async eachAlone(jobs: readonly NewJob[], atOnce: number): Promise<BulkAccept[]> {
    const outcomes: BulkAccept[] = [];
    const endsMs = this.now() + ALONE_MS;
    let fault: Error | undefined;
    for (let at = 0; at < jobs.length && !fault; at += atOnce) {
      const some = await Promise.all(jobs.slice(at, at + atOnce).map((job) => this.alone(job)));
      outcomes.push(...some);
      fault = some.find(isStoreAway) ?? (this.now() > endsMs ? tooSlow() : undefined);
    }
    return jobs.map((_, at) => outcomes[at] ?? notTried(fault));
  }

  private alone(job: NewJob): Promise<BulkAccept> {
    return this.accepts.accept(job).catch((thrown: unknown) => GatewayError.from(thrown));
  }
}

const keyOf = ({ idempotency }: NewJob): IdempotencyKey | null => idempotency;

/** Without the repeats of a key: one statement cannot write one row twice. */
function firstsOf(jobs: readonly NewJob[]): NewJob[] {
  const seen = new Set<string>();
  return jobs.filter(({ idempotency }) => {
    if (idempotency === null) return true;
    const name = `${idempotency.route} ${idempotency.key}`;
    return !seen.has(name) && seen.add(name);
  });
}

function repeatOf(row: Keyed, fingerprint: string): BulkAccept {
  if (row.fingerprint !== fingerprint) return conflict(row.keyedId);
  return row.id === null ? deleted(row.keyedId) : { row, replayed: true };
}

/** Of a job that waited behind a fault: nothing was sent for it. */
export const notTried = (cause: unknown): GatewayError =>
  new GatewayError(
    'store_unavailable',
    'PostgreSQL failed, or was too slow, before this job had its turn. It was not tried; send it again, with the same key if it has one.',
    { cause, retryAfterMs: 1000 },
  );

const tooSlow = (): Error =>
  new Error(`each job of the list was tried by itself, and ${String(ALONE_MS)} ms were over`);

const unconfirmed = (cause: unknown): GatewayError =>
  new GatewayError(
    'store_unavailable',
    isNoRoom(cause)
      ? 'PostgreSQL has no room left on its disk. Whether these jobs are stored is not known; make room there, then send them again with the same keys.'
      : 'PostgreSQL does not answer. Whether these jobs are stored is not known; send them again with the same keys.',
    { cause, retryAfterMs: 1000 },
  );
