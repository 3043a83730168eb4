import { lingering } from './lingering';

const collect = async <Piece>(pieces: AsyncIterable<Piece>): Promise<Piece[]> => {
  const seen: Piece[] = [];
  for await (const piece of pieces) seen.push(piece);
  return seen;
};
/** What comes, and then how it ends; without an end it stays open. */
async function* source(pieces: readonly string[], end?: 'ends' | Error): AsyncGenerator<string> {
  yield* pieces;
  if (end === undefined) await new Promise(() => undefined);
  if (end instanceof Error) throw end;
}
const completeFrom = (count: number, ms = 20) => {
  let asked = 0;
  return { isComplete: () => asked++ >= count, ms };
};

describe('waiting for what may still come', () => {
  it('gives all of it, before the answer is complete and after', async () => {
    expect(await collect(lingering(source(['a', 'b', 'c'], 'ends'), completeFrom(1)))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('ends when a connection stays open behind a complete answer', async () => {
    expect(await collect(lingering(source(['a', 'b']), completeFrom(1)))).toEqual(['a', 'b']);
  });

  it('ends when a connection breaks behind a complete answer', async () => {
    expect(await collect(lingering(source(['a'], new Error('broken')), completeFrom(1)))).toEqual(['a']);
  });

  it('does not end, but fails, when it breaks before', async () => {
    await expect(collect(lingering(source(['a'], new Error('broken')), completeFrom(9)))).rejects.toThrow(
      'broken',
    );
  });

  it('lets a source fail later, when nobody listens any more', async () => {
    let fail = (): void => undefined;
    const failing = (async function* () {
      yield 'a';
      await new Promise<void>((_, reject) => {
        fail = () => {
          reject(new Error('late'));
        };
      });
    })();
    expect(await collect(lingering(failing, completeFrom(1)))).toEqual(['a']);
    fail();
    await new Promise(setImmediate);
  });
});
