import { FileHandle, open, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HeldClaim, Settlement } from '@longhaul/records';
import { Entry, keyOf, lineOf } from './entry';
import { Seal } from './seal';

/** One file that this process appends to. It goes when nothing in it is open any more. */
export class OwnLog {
  readonly name: string;
  private readonly open = new Map<string, Entry>();
  private size = 0;
  private isClosed = false;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    readonly sinceMs: number,
  ) {
    this.name = basename(path);
  }

  /** @param sinceMs monotonic */
  static async create(path: string, sinceMs: number): Promise<OwnLog> {
    const log = new OwnLog(path, await open(path, 'wx', 0o600), sinceMs);
    await syncFolder(dirname(path));
    return log;
  }

  /** Returns after the bytes of all of them are on the disk: one write and one flush. */
  async append(
    settlements: readonly Settlement[],
    { atMs, seal }: { atMs: number; seal: Seal },
  ): Promise<void> {
    const lines = settlements.map((settlement) => lineOf(settlement, atMs, seal));
    const bytes = Buffer.from(lines.map(({ head, body }) => `${head}${body}\n`).join(''));
    await this.file.appendFile(bytes);
    await this.file.datasync();
    settlements.forEach(({ jobId, fence }, index) => {
      const { head = '', body = '' } = lines[index] ?? {};
      const offset = this.size + head.length;
      const length = Buffer.byteLength(body);
      this.open.set(keyOf({ jobId, fence }), { jobId, fence, atMs, offset, length });
      this.size = offset + length + 1;
    });
  }

  entries(): Entry[] {
    return [...this.open.values()];
  }

  get isEmpty(): boolean {
    return this.open.size === 0;
  }

  get sizeBytes(): number {
    return this.size;
  }

  /** @returns whether the claim stood here */
  forget(claim: HeldClaim): boolean {
    return this.open.delete(keyOf(claim));
  }

  /** No more is appended; what was written stays where it is. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.file.close();
  }

  /** For a log that is empty. */
  async retire(): Promise<void> {
    // A disk that could not take the last line may fail the farewell too.
    await this.close().catch(() => undefined);
    await unlink(this.path);
  }
}

/** A file's name in its folder must outlive a power cut as its bytes do. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function readPiece(
  path: string,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
