import { HeldClaim, Settlement } from '@longhaul/records';
import { Seal } from './seal';

/** Where one spooled answer stands in a log. */
export interface Entry extends HeldClaim {
  readonly atMs: number;
  /** Of what follows the head, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** What a log holds as far as it was read. */
export interface Lines {
  readonly entries: readonly Entry[];
  /** Whole lines without a head that tells whose they are. */
  readonly strays: readonly { readonly offset: number; readonly length: number }[];
  /** Where the first line begins that is not whole. */
  readonly end: number;
}

/** Why an answer on the disk cannot be had. */
export type Fault = 'unknown_key' | 'broken';

/** `<job> <fence> <Unix ms> <body>`: the head tells whose it is without reading the answer. */
const HEAD = /^(?<jobId>[\w-]+) (?<fence>\d+) (?<atMs>\d+) /;
const LONGEST_HEAD = 200;
const END = 0x0a;

export const keyOf = ({ jobId, fence }: HeldClaim): string => `${jobId}.${String(fence)}`;

export const headOf = ({ jobId, fence, atMs }: HeldClaim & { readonly atMs: number }): string =>
  `${jobId} ${String(fence)} ${String(atMs)} `;

/** Neither JSON nor a sealed body holds a line feed, so a line is an answer, and one without its end is half an answer. */
export function lineOf(settlement: Settlement, atMs: number, seal: Seal): { head: string; body: string } {
  const head = headOf({ ...settlement, atMs });
  return { head, body: seal.close(head, JSON.stringify(settlement)) };
}

/** The whole lines in a piece of a log that begins at `start`. */
export function linesIn(piece: Buffer, start: number): Lines {
  const entries: Entry[] = [];
  const strays: { offset: number; length: number }[] = [];
  let from = 0;
  for (let to = piece.indexOf(END); to >= 0; to = piece.indexOf(END, from)) {
    const head = HEAD.exec(piece.toString('latin1', from, Math.min(to, from + LONGEST_HEAD)));
    const { jobId, fence, atMs } = head?.groups ?? {};
    if (head === null || jobId === undefined) strays.push({ offset: start + from, length: to - from });
    else {
      const offset = start + from + head[0].length;
      entries.push({ jobId, fence: Number(fence), atMs: Number(atMs), offset, length: start + to - offset });
    }
    from = to + 1;
  }
  return { entries, strays, end: start + from };
}

/** The answer in a body, when it is the one that its head names. */
export function answerIn(
  entry: Entry,
  body: string,
  seal: Seal,
): { readonly settlement: Settlement } | { readonly fault: Fault } {
  const opened = seal.open(headOf(entry), body);
  if ('fault' in opened) return opened;
  const settlement = parsed(opened.json);
  return settlement !== null && keyOf(settlement) === keyOf(entry) ? { settlement } : { fault: 'broken' };
}

function parsed(json: string): Settlement | null {
  try {
    return JSON.parse(json) as Settlement | null;
  } catch {
    return null;
  }
}
