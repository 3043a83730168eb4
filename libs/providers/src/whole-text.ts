import { WireFailure } from './wire-failure';

/** In characters. A whole answer comes in one JSON, without the hundreds of bytes that a stream spends on each token. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** A body that must be whole before it can be read. @throws WireFailure when it is larger than any answer */
export async function wholeText(texts: AsyncIterable<string>): Promise<string> {
  const pieces: string[] = [];
  let characters = 0;
  for await (const piece of texts) {
    characters += piece.length;
    if (characters > MOST_CHARACTERS) throw new WireFailure('too_large', 'answer');
    pieces.push(piece);
  }
  return pieces.join('');
}
