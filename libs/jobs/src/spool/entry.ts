import { HeldClaim, Settlement } from '@longhaul/records';

/** Where one spooled answer stands in a log. */
export interface Entry extends HeldClaim {
  readonly atMs: number;
  /** Of the settlement's JSON in the file, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** `<job> <fence> <Unix ms> <settlement as JSON>`: the head tells whose it is without reading the answer. */
const HEAD = /^(?<jobId>\S+) (?<fence>\d+) (?<atMs>\d+) /;
const LONGEST_HEAD = 200;
const END = 0x0a;

export const keyOf = ({ jobId, fence }: HeldClaim): string => `${jobId}.${String(fence)}`;

/** JSON holds no raw line feed, so a line is an answer, and one without its end is half an answer. */
export function lineOf(settlement: Settlement, atMs: number): { head: string; body: string } {
  const { jobId, fence } = settlement;
  return { head: `${jobId} ${String(fence)} ${String(atMs)} `, body: JSON.stringify(settlement) };
}

/** The whole lines in a piece of a log that begins at `start`; and where the first that is not whole begins. */
export function entriesIn(piece: Buffer, start: number): { entries: Entry[]; end: number } {
  const entries: Entry[] = [];
  let from = 0;
  for (let to = piece.indexOf(END); to >= 0; to = piece.indexOf(END, from)) {
    const head = HEAD.exec(piece.toString('latin1', from, Math.min(to, from + LONGEST_HEAD)));
    const { jobId, fence, atMs } = head?.groups ?? {};
    if (head !== null && jobId !== undefined) {
      const offset = start + from + head[0].length;
      entries.push({ jobId, fence: Number(fence), atMs: Number(atMs), offset, length: start + to - offset });
    }
    from = to + 1;
  }
  return { entries, end: start + from };
}
