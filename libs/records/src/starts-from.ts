import { Move, MoveName, MOVES } from '@longhaul/contract';

/** As SQL: the job is in a status from which the table of transitions lets the move start. */
export function startsFrom(move: MoveName, status = 'status'): string {
  const { from }: Move = MOVES[move];
  const names = from.map((name) => `'${name}'`);
  return names.length === 1 ? `${status} = ${names.join()}` : `${status} IN (${names.join(', ')})`;
}
