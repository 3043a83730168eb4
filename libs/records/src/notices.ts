import { EventEmitter } from 'node:events';
import { Database } from './database';
import { Listening } from './listening';

/**
 * What processes tell each other: which lane has something to ring, which job is to stop, which has ended, and which
 * version of the overrides is new.
 */
export const NOTICE_KINDS = ['ready', 'cancel', 'ended', 'config'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

const CHANNEL = 'longhaul';
const SEPARATOR = ' ';
/** NOTIFY takes at most 8,000 bytes; ids are short, so this many fit with room. */
const MOST_SUBJECTS = 100;
const RECONNECT_MS = 1000;

/** `word` is one line; a kind and its subjects. */
const encode = (kind: NoticeKind, subjects: readonly string[]): string => [kind, ...subjects].join(SEPARATOR);

/**
 * One LISTEN connection per process. A notice is a hint: it may be lost, so everything that waits for one also polls, within
 * two seconds; so nobody is woken for what was missed while there was no connection.
 * Nothing is notified inside the statements of the road: NOTIFY takes a global lock at commit, which would put every
 * job's fsync in one row.
 */
export class Notices {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private listening: Listening | null = null;
  private closed = false;
  private reconnect: NodeJS.Timeout | null = null;
  private readonly waiting = new Map<NoticeKind, Set<string>>();
  private flushing = false;

  constructor(private readonly database: Database) {}

  /** Starts listening; keeps trying while PostgreSQL is away. */
  start(): void {
    if (this.closed || this.listening) return;
    this.listening = new Listening(this.database, {
      onNotice: (payload) => {
        this.hear(payload);
      },
      onLost: () => {
        this.lose();
      },
    });
    this.listening.start(CHANNEL);
  }

  /** @returns a function that stops listening */
  on(kind: NoticeKind, listener: (subject: string) => void): () => void {
    this.emitter.on(kind, listener);
    return () => this.emitter.off(kind, listener);
  }

  /** Tells all processes, this one at once. Coalesced: what comes while one NOTIFY is under way goes with the next. */
  tell(kind: NoticeKind, subject: string): void {
    this.emitter.emit(kind, subject);
    const subjects = this.waiting.get(kind) ?? new Set();
    this.waiting.set(kind, subjects.add(subject));
    void this.flush();
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.reconnect) clearTimeout(this.reconnect);
    const { listening } = this;
    this.listening = null;
    if (listening) await this.database.leave(listening.end());
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    for (let batch = this.takeBatch(); batch !== null && !this.closed; batch = this.takeBatch()) {
      // A notice that cannot be sent is dropped: its readers poll.
      await this.database
        .run({ name: 'notify', text: 'SELECT pg_notify($1, $2)' }, [
          CHANNEL,
          encode(batch.kind, batch.subjects),
        ])
        .catch(() => undefined);
    }
    this.flushing = false;
  }

  private takeBatch(): { kind: NoticeKind; subjects: string[] } | null {
    for (const [kind, subjects] of this.waiting) {
      if (subjects.size === 0) continue;
      const batch = [...subjects].slice(0, MOST_SUBJECTS);
      for (const subject of batch) subjects.delete(subject);
      // To the end of the line: a busy kind must not hold the others up.
      this.waiting.delete(kind);
      this.waiting.set(kind, subjects);
      return { kind, subjects: batch };
    }
    return null;
  }

  private hear(payload: string): void {
    const [word, ...subjects] = payload.split(SEPARATOR);
    const kind = NOTICE_KINDS.find((known) => known === word);
    if (kind) for (const subject of subjects) this.emitter.emit(kind, subject);
  }

  private lose(): void {
    this.listening = null;
    if (this.closed) return;
    this.reconnect = setTimeout(() => {
      this.start();
    }, RECONNECT_MS);
  }
}
