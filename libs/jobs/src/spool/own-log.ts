import { FileHandle, open, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HeldClaim, Settlement } from '@longhaul/records';
import { Entry, keyOf, lineOf } from './entry';

/** One file that this process appends to. It goes when nothing in it is open any more. */
export class OwnLog {
  readonly name: string;
  private readonly open = new Map<string, Entry>();
  private size = 0;
  private isClosed = false;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    readonly sinceMs: number,
  ) {
    this.name = basename(path);
  }

  /** @param sinceMs monotonic */
  static async create(path: string, sinceMs: number): Promise<OwnLog> {
    const log = new OwnLog(path, await open(path, 'wx', 0o600), sinceMs);
    // The entry in the folder too must outlive a power cut.
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return log;
  }

  /** Returns after the bytes of all of them are on the disk: one write and one flush. */
  async append(settlements: readonly Settlement[], atMs: number): Promise<void> {
    const lines = settlements.map((settlement) => lineOf(settlement, atMs));
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

  async read({ offset, length }: Entry): Promise<Settlement> {
    return readSettlement(this.path, { offset, length });
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
    await this.close();
    await unlink(this.path);
  }
}

export async function readSettlement(
  path: string,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Settlement> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, offset);
    return JSON.parse(bytes.toString()) as Settlement;
  } finally {
    await file.close();
  }
}
