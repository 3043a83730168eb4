import { Database } from './database';
import { FIRST_READY, IN_ORDER, mayBeRung } from './feed-order';
import { FeedRounds, FeedTerms, RungJob } from './feed-rounds';
import { LaneCircuits, readLaneCircuits } from './lane-circuits';
import { SPARE } from './last-chance';
import { literal } from './literal';
import { Session } from './loan';
import { isReadable, KnownPayloads, LEAVE_TO_NEWER, payloadsText } from './payloads';
import { startsFrom } from './starts-from';

/** One feed of one lane. `busy` = another process feeds this lane right now. */
export type FeedAnswer =
  | {
      readonly fed: true;
      readonly rung: readonly RungJob[];
      readonly barred: readonly string[];
      /** Until a job becomes ready, or a bar of the lane ends. */
      readonly nextReadyMs: number | null;
    }
  | { readonly fed: false; readonly busy: true };

/** Waiting this long on the same target is better than another model; longer is not (DESIGN: barred, rate_limited). */
export const LONGEST_HOLD_MS = 60_000;

/** First half of the advisory key; the second is the lane's hash. */
const FEED_LOCK = 72_150;

/** In one message with BEGIN: most processes that try find that another one feeds the lane. */
const tryLock = (lane: string): string =>
  `BEGIN; SELECT pg_try_advisory_xact_lock(${String(FEED_LOCK)}, hashtext(${literal(lane)})) AS mine, ${IN_ORDER}`;

/** What it found in a lane that it could not read itself. */
export interface LeftJob {
  readonly lane: string;
  readonly type: string;
  readonly version: number;
}

/** So many are moved after one feed. */
export const BARRED_AT_ONCE = 100;

/**
 * Ready jobs that do better elsewhere than to wait where they stand: the Feeder moves them. Those whose bar ends within
 * the longest hold and before their deadline stay, unmoved: thousands of them would else be written anew with each bar.
 * In a lane that is off only those with another rung: the others can but stay.
 * Inputs: $1 lane, $2 whether it is off, $3 the end of the whole lane's bar, $4 barred models, $5 their ends, $6 longest
 * hold in ms, $7 payloads that can be read, $8 and $9 `ready_at` and id of the job after which to look. Returns: a page
 * of them in that order. Some may have to stay, since their other rungs are off or closed too: the next feed looks at the
 * next page, or they would hide all that come after them.
 */
const BARRED = `
  SELECT j.id, j.ready_at::text AS "readyAt" FROM jobs j LEFT JOIN unnest($4::text[], $5::timestamptz[]) AS m (model, until) ON m.model = j.target_model
  WHERE ${mayBeRung('j')} AND j.ready_at <= statement_timestamp() AND ${isReadable('$7', 'j')}
    AND CASE WHEN $2 THEN jsonb_array_length(j.chain) > j.position + 1
             ELSE greatest($3, m.until) > least(statement_timestamp() + $6 * interval '1 millisecond', j.deadline_at) END
    AND (j.ready_at, j.id) > ($8::timestamptz, $9)
  ORDER BY j.ready_at, j.id LIMIT ${String(BARRED_AT_ONCE)}`;

interface BarredJob {
  readonly id: string;
  /** To the microsecond, which a Date does not keep. */
  readonly readyAt: string;
}

/** Before every job. */
const FIRST: BarredJob = { id: '', readyAt: '-infinity' };

const UNRING = {
  name: 'unring',
  text: `
    UPDATE jobs SET rung_at = NULL FROM unnest($1::text[], $2::int[]) AS t (id, ring)
    WHERE jobs.id = t.id AND jobs.ring = t.ring AND lease_owner IS NULL AND rung_at IS NOT NULL`,
};

/**
 * Guarantees: of several Reconcilers only one gets a ticket; the mark is renewed, not removed, so that the lane's
 * depth and order stay. Inputs: $1 age in ms, $2 most rows. Returns: tickets to ring again under the same number.
 */
const RING_AGAIN = {
  name: 'ring_again',
  text: `
    WITH old AS (
      SELECT id FROM jobs
      WHERE rung_at IS NOT NULL AND lease_owner IS NULL AND ${startsFrom('ring')}
        AND rung_at < clock_timestamp() - $1 * interval '1 millisecond'
      LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE jobs SET rung_at = clock_timestamp() FROM old WHERE jobs.id = old.id
    RETURNING jobs.id AS "jobId", jobs.ring, jobs.provider AS lane`,
};

const MOST_RUNG_AGAIN = 1000;

/** The bell's side of the job rows: who may be rung, and who has been. */
export class FeedRecords {
  private readonly rounds: FeedRounds;
  private readonly payloads: string | null;
  /** Lanes whose last feed rang something: the next one will too, more likely than not, and does not ask first. */
  private readonly flowing = new Set<string>();
  /** By lane the last of a full page of barred jobs: the next feed looks on from there, and at the end from the start. */
  private readonly looked = new Map<string, BarredJob>();

  constructor(
    private readonly database: Database,
    payloads: KnownPayloads | null = null,
  ) {
    this.payloads = payloadsText(payloads);
    this.rounds = new FeedRounds(this.payloads);
  }

  /** Marks what may be rung in a lane. The caller then rings it, or takes the marks back with `unring`. */
  async feed(lane: string, { depth = null, ageingMs = 0 }: Partial<FeedTerms> = {}): Promise<FeedAnswer> {
    if (!this.flowing.has(lane)) {
      const nextReadyMs = await this.firstReadyMs(lane);
      if (nextReadyMs === null || nextReadyMs > 0) return { fed: true, rung: [], barred: [], nextReadyMs };
    }
    const answer = await this.database.transaction<FeedAnswer>(
      (session, { mine } = { mine: false }) =>
        mine ? this.mark(session, { lane, depth, ageingMs }) : Promise.resolve({ fed: false, busy: true }),
      tryLock(lane),
    );
    const hasRung = answer.fed && answer.rung.length > 0;
    if (hasRung) this.flowing.add(lane);
    else this.flowing.delete(lane);
    if (hasRung) this.database.reach('after:feed');
    return answer;
  }

  private async firstReadyMs(lane: string): Promise<number | null> {
    const [first] = await this.database.run<{ ms: number | null }>(FIRST_READY, [lane]);
    return first?.ms ?? null;
  }

  private async mark(session: Session, terms: FeedTerms & { readonly lane: string }): Promise<FeedAnswer> {
    const { lane } = terms;
    const circuits = await readLaneCircuits(session, lane, this.payloads);
    const rung = await this.ring(session, circuits, terms);
    const barred = isBarred(circuits) ? await this.barred(session, lane, circuits) : [];
    const bar = soonest(circuits.endsMs, circuits.sparesMs);
    if (rung.length > 0) this.database.reach('within:feed');
    return { fed: true, rung, barred, nextReadyMs: soonest(circuits.nextReadyMs, bar) };
  }

  /** Takes the marks of tickets back that could not be put into the queue. */
  async unring(tickets: readonly RungJob[]): Promise<void> {
    await this.database.run(UNRING, [
      tickets.map((ticket) => ticket.jobId),
      tickets.map((ticket) => ticket.ring),
    ]);
  }

  /**
   * Takes the bell of a job from a process that cannot read it; after the pause one that can rings it again.
   * @returns what it is, or null when it has moved on
   */
  async leaveToNewer({ jobId, ring }: RungJob, pauseMs: number): Promise<LeftJob | null> {
    const [left] = await this.database.run<LeftJob>(LEAVE_TO_NEWER, [jobId, ring, pauseMs]);
    return left ?? null;
  }

  /** Takes the bell of a job on its last chance from a process that has one already; for the pause none is rung. */
  async spare({ jobId, ring }: RungJob, pauseMs: number): Promise<void> {
    await this.database.run(SPARE, [jobId, ring, pauseMs]);
  }

  /** Tickets that were rung `olderThanMs` ago or earlier and that nobody has claimed. */
  async takeOldRings(olderThanMs: number): Promise<(RungJob & { readonly lane: string })[]> {
    return this.database.run<RungJob & { lane: string }>(RING_AGAIN, [olderThanMs, MOST_RUNG_AGAIN]);
  }

  /** A half-open circuit rings one ticket, and none while its probe is under way. */
  private async ring(
    session: Session,
    { whole, models, sparesMs }: LaneCircuits,
    terms: FeedTerms & { readonly lane: string },
  ): Promise<readonly RungJob[]> {
    if (whole === 'open' || whole === 'probed') return [];
    const all = { ...terms, only: null, spare: sparesMs !== null };
    const shut = models.filter(({ state }) => state !== 'half_open').map(({ model }) => model);
    if (whole === 'half_open') return this.rounds.ring(session, { ...all, depth: 1, without: shut });
    const halfOpen = models.filter(({ state }) => state === 'half_open').map(({ model }) => model);
    const rung: RungJob[] = [];
    // Before the others, who could fill the lane each time.
    for (const model of halfOpen)
      rung.push(...(await this.rounds.ring(session, { ...all, depth: 1, without: [], only: model })));
    return [...rung, ...(await this.rounds.ring(session, { ...all, without: [...shut, ...halfOpen] }))];
  }

  private async barred(session: Session, lane: string, circuits: LaneCircuits): Promise<readonly string[]> {
    const open = circuits.models.filter(({ state }) => state === 'open');
    const after = this.looked.get(lane) ?? FIRST;
    const values = [
      ...[lane, circuits.off, circuits.until],
      ...[open.map(({ model }) => model), open.map(({ until }) => until), LONGEST_HOLD_MS, this.payloads],
      ...[after.readyAt, after.id],
    ];
    const { rows } = await session.query<BarredJob>({ name: 'barred', text: BARRED, values });
    const last = rows[BARRED_AT_ONCE - 1];
    if (last) this.looked.set(lane, last);
    else this.looked.delete(lane);
    return rows.map(({ id }) => id);
  }
}

/** A lane at peace does not read its backlog. */
const isBarred = ({ off, until, models }: LaneCircuits): boolean =>
  off || until !== null || models.some(({ state }) => state === 'open');

const soonest = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
