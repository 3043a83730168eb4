import { open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldClaim, Settlement } from '@longhaul/records';
import { entriesIn, Entry, keyOf } from './entry';
import { readSettlement } from './own-log';

/** What was read of one file so far. */
interface ReadLog {
  end: number;
  readonly entries: Map<string, Entry>;
}

const LOG = /\.log$/;
/** Long after its owner has ceased to append to it, whatever froze the owner meanwhile. */
const KEPT_MS = 3_600_000;

const isMissing = (thrown: unknown): boolean => (thrown as { code?: string } | null)?.code === 'ENOENT';
const nothingIfMissing = (thrown: unknown): null => {
  if (isMissing(thrown)) return null;
  throw thrown;
};

/** The logs of the other processes on this data directory, living and dead: read as far as they have grown. */
export class ForeignLogs {
  private readonly logs = new Map<string, ReadLog>();

  constructor(
    private readonly folder: string,
    private readonly isOwn: (name: string) => boolean,
  ) {}

  /** Reads what has been added since. */
  async refresh(): Promise<void> {
    const names = (await readdir(this.folder).catch(nothingIfMissing)) ?? [];
    const present = names.filter((name) => LOG.test(name) && !this.isOwn(name));
    for (const name of this.logs.keys()) if (!present.includes(name)) this.logs.delete(name);
    for (const name of present) await this.follow(name);
  }

  entries(): Entry[] {
    return [...this.logs.values()].flatMap(({ entries }) => [...entries.values()]);
  }

  /** Null when the file went meanwhile: its owner has settled all that was in it. */
  async read(entry: Entry): Promise<Settlement | null> {
    const name = [...this.logs].find(([, log]) => log.entries.get(keyOf(entry)) === entry)?.[0];
    if (name === undefined) return null;
    return readSettlement(join(this.folder, name), entry).catch((thrown: unknown) => {
      // No JSON: a disk that has lost it. There is nothing to commit.
      if (!isMissing(thrown) && !(thrown instanceof SyntaxError)) throw thrown;
      this.forget(entry);
      return null;
    });
  }

  /** Here alone: the file is its owner's. What is settled once more is void. */
  forget(claim: HeldClaim): void {
    for (const { entries } of this.logs.values()) entries.delete(keyOf(claim));
  }

  private async follow(name: string): Promise<void> {
    const path = join(this.folder, name);
    const found = await stat(path).catch(nothingIfMissing);
    if (found === null) return;
    const log = this.logs.get(name) ?? { end: 0, entries: new Map<string, Entry>() };
    this.logs.set(name, log);
    if (found.size > log.end) await this.readOn(path, log, found.size);
    else if (log.entries.size === 0 && Date.now() - found.mtimeMs > KEPT_MS)
      await unlink(path).catch(nothingIfMissing);
  }

  private async readOn(path: string, log: ReadLog, size: number): Promise<void> {
    const file = await open(path, 'r').catch(nothingIfMissing);
    if (file === null) return;
    try {
      const piece = Buffer.alloc(size - log.end);
      const { bytesRead } = await file.read(piece, 0, piece.length, log.end);
      const { entries, end } = entriesIn(piece.subarray(0, bytesRead), log.end);
      for (const entry of entries) log.entries.set(keyOf(entry), entry);
      log.end = end;
    } finally {
      await file.close();
    }
  }
}
