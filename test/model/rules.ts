import { Guard, GuardOf, Move, MoveName, MOVES } from '@longhaul/contract';
import { Job, Size } from './world';

/** A guard of the table that a search does without. */
export interface Missing {
  readonly move: MoveName;
  readonly guard: Guard;
}

/** The table of transitions in a world of a size. */
export class Rules {
  constructor(
    readonly size: Size,
    private readonly missing: Missing | null = null,
  ) {}

  /** @param holds what is true of each guard that the table names for the move, and of no other */
  allows<Name extends MoveName>(move: Name, holds: Readonly<Record<GuardOf<Name>, boolean>>): boolean {
    const { guards }: Move = MOVES[move];
    const facts: Readonly<Partial<Record<Guard, boolean>>> = holds;
    return guards.every((guard) => this.passes(move, guard, facts[guard] ?? false));
  }

  passes(move: MoveName, guard: Guard, holds: boolean): boolean {
    return holds || (this.missing?.move === move && this.missing.guard === guard);
  }
}

/** `road` = what the gateway does by itself; `caller` = what others want of it; `fault` = what it must survive. */
export type Kind = 'road' | 'caller' | 'fault';

/** What may happen to one job. */
export interface Step {
  readonly kind: Kind;
  readonly name: string;
  /** The row of the table, if the step is one of its moves. */
  readonly move: MoveName | null;
  readonly after: Job;
  /** The provider whose lane the ticket of a claim came from. */
  readonly lane?: number;
  /** The claim takes the slot of an expired lease. */
  readonly evicts?: boolean;
}
