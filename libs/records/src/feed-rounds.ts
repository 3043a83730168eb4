import { FEED, Place, START } from './feed-order';
import { DEATHS_UNTIL_POISON } from './last-chance';
import { Session } from './loan';

export interface RungJob {
  readonly jobId: string;
  readonly ring: number;
}

export interface FeedTerms {
  /** Unclaimed tickets kept in the lane; null = its cap. */
  readonly depth: number | null;
  /** So much waiting is worth one step of priority; 0 = none. */
  readonly ageingMs: number;
}

/** Which jobs of a lane one feed may ring. */
export interface FeedChoice extends FeedTerms {
  readonly lane: string;
  /** Models that are left out. */
  readonly without: readonly string[];
  /** Null = all. */
  readonly only: string | null;
  /** No job on its last chance. */
  readonly spare: boolean;
}

interface Look extends FeedChoice {
  readonly payloads: string | null;
  /** At the same part of the line, for the places that were left. */
  readonly isAgain: boolean;
}

/** Whose turn it was in a lane. */
interface Round {
  /** Where the statement begins to look: the start, but in a line that is longer than one look. */
  from: Place;
  /** Callers who had a turn since. */
  served: Set<string>;
}

interface Pass {
  readonly rung: readonly (RungJob & { readonly caller: string })[];
  /** How many tickets may still be rung. */
  readonly left: number;
  /** Callers who were left at their share, or were not looked at, have more waiting. */
  readonly more: boolean;
  /** Null = the end of the line. */
  readonly last: Place | null;
}

interface FedRow extends RungJob {
  readonly caller: string;
  readonly left: number | null;
  readonly more: boolean;
  readonly last: Place | null;
}

/** Nothing was rung: a row all the same, for what it says of the lane. */
type Unfed<Row> = Row | (Omit<Row, 'jobId'> & { readonly jobId: null });

/** More than any job has: nobody is left out for them. */
const MOST_DEATHS = 1_000_000;

/**
 * The rounds that this process goes through its lanes. Each process goes its own, and in each of them everybody has a
 * turn: a process that is killed takes nothing along but the place where its round stood.
 */
export class FeedRounds {
  private readonly rounds = new Map<string, Round>();

  /** @param payloads what this process can read, as text; null = everything */
  constructor(private readonly payloads: string | null) {}

  /**
   * Usually one statement. Several where callers had less waiting than their share, and where the line is longer than one
   * of them looks at: then the next part of it has its turn when all of this one had theirs, or it leaves places empty.
   */
  async ring(session: Session, choice: FeedChoice): Promise<readonly RungJob[]> {
    const round = this.roundOf(choice.lane);
    const rung: RungJob[] = [];
    let isWhole = round.from === START;
    for (let isAgain = false; ;) {
      const pass = await feedFrom(session, round, { ...choice, payloads: this.payloads, isAgain });
      rung.push(...pass.rung.map(({ jobId, ring }) => ({ jobId, ring })));
      const isOver = pass.rung.some(({ caller }) => round.served.has(caller));
      if (isOver) round.served = new Set();
      for (const { caller } of pass.rung) round.served.add(caller);
      isAgain = pass.left > 0 && pass.more && (pass.rung.length > 0 || !isAgain);
      if (isAgain) continue;
      if (pass.left > 0 || isOver) round.from = pass.last ?? START;
      if (pass.left === 0 || (pass.last === null && isWhole)) return rung;
      isWhole ||= pass.last === null;
    }
  }

  private roundOf(lane: string): Round {
    const known = this.rounds.get(lane);
    if (known) return known;
    const round: Round = { from: START, served: new Set() };
    this.rounds.set(lane, round);
    return round;
  }
}

async function feedFrom(session: Session, { from, served }: Round, look: Look): Promise<Pass> {
  const { lane, depth, without, only, ageingMs, spare, payloads, isAgain } = look;
  const deaths = spare ? DEATHS_UNTIL_POISON - 1 : MOST_DEATHS;
  const place = [from.caller, from.model, from.priority];
  const values = [lane, depth, without, only, ageingMs, ...place, deaths, [...served], payloads, isAgain];
  const { rows } = await session.query<Unfed<FedRow>>({ name: 'feed', text: FEED, values });
  const [first] = rows;
  return {
    rung: rows.filter((row): row is FedRow => row.jobId !== null),
    left: first?.left ?? 0,
    more: first?.more ?? false,
    last: first?.last ?? null,
  };
}
