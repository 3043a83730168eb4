export interface Linger {
  /** What makes the answer whole is here, though more may come. */
  isComplete(): boolean;
  /** How long it is then waited for more, anew with every piece. */
  readonly ms: number;
}

const ENOUGH = { done: true, value: undefined } as const;

/**
 * Gives on what comes. Once the answer is complete, only as long as more comes in time: a connection that stays open, breaks
 * or is cut by a clock behind a complete answer takes nothing from it. Whoever uses it discards the source.
 */
export async function* lingering<Piece>(pieces: AsyncIterable<Piece>, linger: Linger): AsyncGenerator<Piece> {
  const source = pieces[Symbol.asyncIterator]();
  for (;;) {
    const next = source.next();
    const step = await (linger.isComplete() ? inTime(next, linger.ms) : next);
    if (step.done === true) return;
    yield step.value;
  }
}

async function inTime<Piece>(
  next: Promise<IteratorResult<Piece>>,
  ms: number,
): Promise<IteratorResult<Piece> | typeof ENOUGH> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof ENOUGH>((resolve) => {
    timer = setTimeout(resolve, ms, ENOUGH);
  });
  try {
    return await Promise.race([next.catch(() => ENOUGH), late]);
  } finally {
    clearTimeout(timer);
  }
}
