/** Thrown by `within` when the time is over; the work itself may still go on. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(readonly afterMs: number) {
    super(`no answer within ${afterMs} ms`);
  }
}

/** The work's outcome, or a DeadlineError. A late outcome is dropped, not reported as an unhandled rejection. */
export async function within<Result>(afterMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(afterMs)), afterMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
