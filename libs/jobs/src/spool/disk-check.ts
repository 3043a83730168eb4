import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Log } from '../log';

export interface DiskCheckOptions {
  readonly everyMs: number;
  /** While it fails. */
  readonly failingEveryMs: number;
  readonly log: Log;
}

const PROBE_BYTES = 4096;
const TAG_BYTES = 6;
const OWNER_ONLY = 0o700;

/**
 * Whether an answer could be spooled now, asked of the disk itself: a disk that is full or read-only stops nothing, so
 * somebody must be told before a worker dies that could not spool.
 */
export class DiskCheck {
  private timer: NodeJS.Timeout | null = null;
  private failing: string | null = null;
  private stopped = false;

  constructor(
    private readonly folder: string,
    private readonly options: DiskCheckOptions,
  ) {}

  /** Goes on by itself until `stop`. */
  async start(): Promise<void> {
    await this.run();
    const { everyMs, failingEveryMs } = this.options;
    if (this.stopped) return;
    this.timer = setTimeout(
      () => void this.start(),
      this.failing === null ? everyMs : failingEveryMs,
    ).unref();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  /** Why answers cannot be spooled, as the system calls it; null while they can. */
  get trouble(): string | null {
    return this.failing;
  }

  async run(): Promise<void> {
    await this.prepare()
      .then(() => this.probe())
      .then(() => this.works())
      .catch((thrown: unknown) => this.failed(thrown));
  }

  works(): void {
    if (this.failing !== null) this.options.log.info(`The spool in ${this.folder} can be written again.`);
    this.failing = null;
  }

  failed(thrown: unknown): void {
    const code = (thrown as { code?: string } | null)?.code ?? 'unknown fault';
    if (this.failing === null)
      this.options.log.error(
        `The spool in ${this.folder} cannot be written (${code}). Answers are committed from memory until it can: a worker that dies meanwhile may cost its calls twice. Make room on that disk, or make it writable.`,
      );
    this.failing = code;
  }

  /** @throws what the disk says */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: OWNER_ONLY });
    // Answers lie here: a folder that was made wider by somebody else's umask is narrowed.
    if (((await stat(this.folder)).mode & 0o777) !== OWNER_ONLY) await chmod(this.folder, OWNER_ONLY);
  }

  private async probe(): Promise<void> {
    const path = join(this.folder, `check-${randomBytes(TAG_BYTES).toString('hex')}`);
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES));
      await file.sync();
    } finally {
      await file.close();
      await unlink(path);
    }
  }
}
