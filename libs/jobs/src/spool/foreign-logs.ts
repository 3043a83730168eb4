import { open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldClaim } from '@longhaul/records';
import { Entry, keyOf, Lines, linesIn } from './entry';

/** What was read of one file so far. */
interface ReadLog {
  end: number;
  readonly entries: Map<string, Entry>;
}

export interface ForeignLogsOptions {
  readonly isOwn: (name: string) => boolean;
  /** A whole line whose head is none. */
  readonly onStray: (name: string, stray: Lines['strays'][number]) => Promise<void>;
  /** A log that ends in half a line, long after anybody wrote to it. */
  readonly onHalf: (name: string) => Promise<void>;
  /** A file, or the folder itself, that this process cannot read; it is tried again at every look. */
  readonly onClosed: (name: string, thrown: unknown) => void;
}

const LOG = /\.log$/;
/** Long after its owner has ceased to append to it, whatever froze the owner meanwhile. */
const KEPT_MS = 3_600_000;
/** What this process or its host has none of for a moment. To pass over a file for it could pay for its answers twice. */
const SHORT_OF = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR', 'EBUSY']);

const codeOf = (thrown: unknown): string | undefined => (thrown as { code?: string } | null)?.code;

/** Whatever else a file cannot be read for is its own fault, and stops nothing but it. */
export const passesSoon = (thrown: unknown): boolean => SHORT_OF.has(codeOf(thrown) ?? '');

export const nothingIfMissing = (thrown: unknown): null => {
  if (codeOf(thrown) === 'ENOENT') return null;
  throw thrown;
};

/** The logs of the other processes on this data directory, living and dead: read as far as they have grown. */
export class ForeignLogs {
  private readonly logs = new Map<string, ReadLog>();

  constructor(
    private readonly folder: string,
    private readonly options: ForeignLogsOptions,
  ) {}

  /** Reads what has been added since. */
  async refresh(): Promise<void> {
    const names = (await this.unlessClosed('.', () => readdir(this.folder))) ?? [];
    const present = names.filter((name) => LOG.test(name) && !this.options.isOwn(name));
    for (const name of this.logs.keys()) if (!present.includes(name)) this.logs.delete(name);
    for (const name of present) await this.unlessClosed(name, () => this.follow(name));
  }

  entries(): Entry[] {
    return [...this.logs.values()].flatMap(({ entries }) => [...entries.values()]);
  }

  /** The file of one of `entries`. */
  pathOf(entry: Entry): string | undefined {
    const name = [...this.logs].find(([, log]) => log.entries.get(keyOf(entry)) === entry)?.[0];
    return name === undefined ? undefined : join(this.folder, name);
  }

  /** Here alone: the file is its owner's. What is settled once more is void. */
  forget(claim: HeldClaim): void {
    for (const { entries } of this.logs.values()) entries.delete(keyOf(claim));
  }

  private unlessClosed<Value>(name: string, read: () => Promise<Value>): Promise<Value | null> {
    return read().catch((thrown: unknown) => {
      if (passesSoon(thrown)) throw thrown;
      if (codeOf(thrown) !== 'ENOENT') this.options.onClosed(name, thrown);
      return null;
    });
  }

  private async follow(name: string): Promise<void> {
    const path = join(this.folder, name);
    const found = await stat(path);
    if (!found.isFile()) return;
    const log = this.logs.get(name) ?? { end: 0, entries: new Map<string, Entry>() };
    this.logs.set(name, log);
    const isOver = log.entries.size === 0 && Date.now() - found.mtimeMs > KEPT_MS;
    if (found.size > log.end) await this.readOn(name, log, found.size);
    else if (isOver) await unlink(path);
    // A half line is read for nothing at every look, until it is an answer or old.
    if (isOver && found.size > log.end && log.entries.size === 0) await this.options.onHalf(name);
  }

  private async readOn(name: string, log: ReadLog, size: number): Promise<void> {
    const file = await open(join(this.folder, name), 'r');
    try {
      const piece = Buffer.alloc(size - log.end);
      const { bytesRead } = await file.read(piece, 0, piece.length, log.end);
      const { entries, strays, end } = linesIn(piece.subarray(0, bytesRead), log.end);
      for (const entry of entries) log.entries.set(keyOf(entry), entry);
      log.end = end;
      for (const stray of strays) await this.options.onStray(name, stray);
    } finally {
      await file.close();
    }
  }
}
