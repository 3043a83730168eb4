import { WireFailure } from './wire-failure';

export interface JsonLine {
  readonly text: string;
  /** True when the stream ended inside this line: it may be cut. */
  readonly isLast: boolean;
}

/** In characters, of one line. */
const LINE_LIMIT = 2 * 1024 * 1024;

/** Lines out of text, however it is cut; empty ones are none. */
export async function* jsonLines(texts: AsyncIterable<string>): AsyncGenerator<JsonLine> {
  // In pieces, so that a long line in small chunks is not copied for each of them.
  let begun: string[] = [];
  let length = 0;
  for await (const text of texts) {
    const [first = '', ...rest] = text.split('\n');
    begun.push(first);
    length += first.length;
    for (const next of rest) {
      refuseLonger(length);
      const line = begun.join('').trim();
      if (line !== '') yield { text: line, isLast: false };
      begun = [next];
      length = next.length;
    }
    refuseLonger(length);
  }
  const line = begun.join('').trim();
  if (line !== '') yield { text: line, isLast: true };
}

function refuseLonger(length: number): void {
  if (length > LINE_LIMIT) throw new WireFailure('too_large', 'line');
}
