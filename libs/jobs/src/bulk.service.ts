import { GatewayError } from '@longhaul/contract';
import { IdempotencyKey, isStoreAway, NewJob, notTried, Records } from '@longhaul/records';
import { Admission } from './admission';
import { kindOf } from './kinds';
import { NewJobs } from './new-job';
import { Accepted, BulkItem } from './submission';

export interface BulkServiceParts {
  readonly records: Pick<Records, 'bulkAccepts'>;
  readonly newJobs: NewJobs;
  readonly admission: Admission;
  /** A monotonic clock. */
  readonly now: () => number;
}

/** What became of one job of several. */
export type BulkOutcome = Accepted | GatewayError;

/** A chunk is one statement: so many jobs, or so many characters of input, are written within its clock. */
const JOBS_PER_CHUNK = 100;
const CHARACTERS_PER_CHUNK = 1_000_000;

/** Others get their turn on the event loop after it. */
const SLICE_MS = 10;

interface Made {
  readonly place: number;
  readonly job: NewJob;
}

interface Refused {
  readonly place: number;
  readonly fault: GatewayError;
  readonly idempotency: IdempotencyKey | null;
}

type Prepared = Made | Refused;

/** Accepts many jobs in one request, each with an outcome of its own. */
export class BulkService {
  constructor(private readonly parts: BulkServiceParts) {}

  /**
   * Each job is parsed, routed and stored as `submit` does it; a chunk of them is one transaction. When PostgreSQL goes
   * away, the outcomes that are known by then stand, and all others are `store_unavailable`: no further chunk is begun.
   * @returns an outcome for each, in their order
   * @throws GatewayError store_unavailable when nothing is known to be stored
   */
  async submit(items: readonly BulkItem[], caller: string): Promise<BulkOutcome[]> {
    const outcomes: BulkOutcome[] = [];
    for await (const chunk of this.chunksOf(items, caller)) {
      const done = await this.store(chunk, caller).catch((thrown: unknown): BulkOutcome[] => {
        if (!isStoreAway(thrown)) throw thrown;
        return chunk.map(() => thrown);
      });
      outcomes.push(...done);
      const away = done.find(isStoreAway);
      if (away === undefined) continue;
      if (!outcomes.some(isAccepted)) throw away;
      return items.map((_, at) => outcomes[at] ?? notTried(away));
    }
    return outcomes;
  }

  /** Prepares jobs until a chunk is full, and no further: what waits costs no memory yet. */
  private async *chunksOf(items: readonly BulkItem[], caller: string): AsyncGenerator<readonly Prepared[]> {
    let chunk: Prepared[] = [];
    let characters = 0;
    let sliceEndsAtMs = this.parts.now() + SLICE_MS;
    for (const [place, item] of items.entries()) {
      const prepared = this.prepare(item, { place, caller });
      chunk.push(prepared);
      characters += sizeOf(prepared);
      if (chunk.length >= JOBS_PER_CHUNK || characters >= CHARACTERS_PER_CHUNK) {
        yield chunk;
        chunk = [];
        characters = 0;
      }
      if (this.parts.now() < sliceEndsAtMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEndsAtMs = this.parts.now() + SLICE_MS;
    }
    if (chunk.length > 0) yield chunk;
  }

  private prepare(item: BulkItem, { place, caller }: { place: number; caller: string }): Prepared {
    let idempotency: IdempotencyKey | undefined;
    try {
      idempotency = item.idempotency();
      const submission = item.submission();
      const input = kindOf(submission.type).parse(submission.input);
      const request = { caller, idempotency, retryOf: null };
      return { place, job: this.parts.newJobs.make({ ...submission, input }, request) };
    } catch (thrown) {
      return { place, idempotency: idempotency ?? null, fault: GatewayError.from(thrown) };
    }
  }

  /** A repeat of an accepted job is answered even when it would be refused, or routed otherwise, today. */
  private async store(chunk: readonly Prepared[], caller: string): Promise<BulkOutcome[]> {
    const { records, admission } = this.parts;
    const made = chunk.filter(isMade);
    const refused = chunk.filter(isRefused);
    // Before the jobs are written: when PostgreSQL goes away here, nothing of this chunk is stored.
    const known = await records.bulkAccepts.known(caller, refused.map(keyOf));
    const stored = made.length === 0 ? [] : await records.bulkAccepts.accept(made.map(({ job }) => job));
    const outcomes = new Map<number, BulkOutcome>();
    for (const [at, { place, fault }] of refused.entries()) {
      const earlier = known[at] ?? fault;
      outcomes.set(place, earlier instanceof GatewayError ? earlier : admission.repeat(earlier.row));
    }
    for (const [at, { place, job }] of made.entries()) {
      const taken = stored[at] ?? lost();
      outcomes.set(place, taken instanceof GatewayError ? taken : admission.admit(job, taken));
    }
    return chunk.map(({ place }) => outcomes.get(place) ?? lost());
  }
}

const isMade = (prepared: Prepared): prepared is Made => 'job' in prepared;
const isRefused = (prepared: Prepared): prepared is Refused => 'fault' in prepared;
const keyOf = ({ idempotency }: Refused): IdempotencyKey | null => idempotency;

const isAccepted = (outcome: BulkOutcome): boolean => !(outcome instanceof GatewayError);

/** Roughly, and without writing it down: the text itself is made with the statement. */
const sizeOf = (prepared: Prepared): number =>
  isMade(prepared) ? JSON.stringify(prepared.job.input).length : 0;

const lost = (): GatewayError => new GatewayError('internal', 'A job of this list got no outcome.');
