import { sizeOf, TextSize } from '../estimate';
import { AUDIT_RULES, closingFence, openingFence } from './prompt';

/** What a prompt is made of, as it stands in the job's input. */
export interface PromptParts {
  readonly instruction: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The size of the prompt of an audit, without building it: a file of five million empty lines would hold up the event
 * loop for more than a second. ASCII stands between any two parts, so no pair of surrogates spans them and their
 * sizes add up.
 */
export function promptSize({ instruction, files }: PromptParts, nonce: string): TextSize {
  // One line end after the instruction and after the empty line below it, and one between any two files.
  const lineEnds = files.length + 1;
  const parts = [AUDIT_RULES, instruction].map(sizeOf);
  const fences = files.flatMap(({ path }) => [openingFence(path, nonce), closingFence(nonce)]).map(sizeOf);
  const numbered = files.map(({ content }) => numberedSize(content));
  const all = [...parts, ...fences, ...numbered];
  return {
    asciiBytes: all.reduce((sum, { asciiBytes }) => sum + asciiBytes, lineEnds),
    otherBytes: all.reduce((sum, { otherBytes }) => sum + otherBytes, 0),
  };
}

/** The lines of a file with their numbers, and the line end before each and after the last. */
function numberedSize(content: string): TextSize {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content;
  const { asciiBytes, otherBytes } = sizeOf(text);
  const { lineFeeds, carriageReturns } = lineEndsOf(text);
  // The last line end makes no line of its own.
  const lines = text === '' || text.endsWith('\n') ? lineFeeds : lineFeeds + 1;
  const tabs = lines;
  const bare = asciiBytes - lineFeeds - carriageReturns;
  return { asciiBytes: bare + digitsUpTo(lines) + tabs + (lines + 1), otherBytes };
}

/** LF, and the CR before an LF. A loop: a search that begins anew after each would take ten times as long. */
function lineEndsOf(text: string): { lineFeeds: number; carriageReturns: number } {
  let lineFeeds = 0;
  let carriageReturns = 0;
  let before = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === LINE_FEED) {
      lineFeeds++;
      if (before === CARRIAGE_RETURN) carriageReturns++;
    }
    before = unit;
  }
  return { lineFeeds, carriageReturns };
}

/** The digits of all whole numbers from 1 to `last`, written one after the other. */
function digitsUpTo(last: number): number {
  let digits = 0;
  for (let first = 1; first <= last; first *= 10) digits += last - first + 1;
  return digits;
}
