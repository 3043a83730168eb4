/** The little of a logger that this library needs. Nest's `Logger` fits. */
export interface QueueLog {
  warn(message: string): void;
  error(message: string): void;
}

const REPEAT_AFTER_MS = 10_000;
const MOST_MESSAGES = 200;

/**
 * Says the same thing once per ten seconds, with the number of times it was left out. A store that is away
 * makes every queue and worker report the same error several times a second.
 */
export class QuietLog implements QueueLog {
  readonly #seen = new Map<string, { saidAtMs: number; leftOut: number }>();

  constructor(
    private readonly log: QueueLog,
    private readonly now: () => number = () => performance.now(),
  ) {}

  warn(message: string): void {
    this.#say('warn', message);
  }

  error(message: string): void {
    this.#say('error', message);
  }

  #say(level: 'warn' | 'error', message: string): void {
    const seen = this.#seen.get(message);
    const nowMs = this.now();
    if (seen !== undefined && nowMs - seen.saidAtMs < REPEAT_AFTER_MS) {
      seen.leftOut += 1;
      return;
    }
    // Messages carry ids of tickets, so their number has no bound of its own.
    if (this.#seen.size >= MOST_MESSAGES) this.#seen.clear();
    this.#seen.set(message, { saidAtMs: nowMs, leftOut: 0 });
    const repeats = seen === undefined || seen.leftOut === 0 ? '' : ` (and ${seen.leftOut} times more)`;
    this.log[level](`${message}${repeats}`);
  }
}

/** An error's message for a log line. AggregateErrors of a refused connection have an empty one. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code: unknown = Reflect.get(thrown, 'code');
  return thrown.message !== '' ? thrown.message : typeof code === 'string' ? code : thrown.name;
}
