import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Settlement } from '@longhaul/records';

const SUFFIX = '.json';
const isMissing = (thrown: unknown): boolean => (thrown as { code?: string } | null)?.code === 'ENOENT';

/**
 * Paid answers on disk, shared by the workers of one host: an answer is here, flushed, before it is committed, so that
 * neither a PostgreSQL outage nor a kill loses it. One file per job, 0600, in a folder of 0700.
 */
export class Spool {
  constructor(private readonly folder: string) {}

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Returns after the bytes are on the disk. */
  async write(settlement: Settlement): Promise<void> {
    const path = this.pathOf(settlement.jobId);
    const draft = `${path}.${String(settlement.fence)}.draft`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(settlement));
      await file.datasync();
    } finally {
      await file.close();
    }
    // A rename is atomic: a reader sees the whole answer or none.
    await rename(draft, path);
  }

  /** The spooled answer of a job, or null. A file that cannot be read as one counts as none. */
  async find(jobId: string): Promise<Settlement | null> {
    try {
      return JSON.parse(await readFile(this.pathOf(jobId), 'utf8')) as Settlement;
    } catch (thrown) {
      if (isMissing(thrown) || thrown instanceof SyntaxError) return null;
      throw thrown;
    }
  }

  /** The jobs that have a spooled answer. */
  async jobIds(): Promise<string[]> {
    const names = await readdir(this.folder).catch((thrown: unknown) => {
      if (isMissing(thrown)) return [];
      throw thrown;
    });
    return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
  }

  async remove(jobId: string): Promise<void> {
    await unlink(this.pathOf(jobId)).catch((thrown: unknown) => {
      if (!isMissing(thrown)) throw thrown;
    });
  }

  private pathOf(jobId: string): string {
    return join(this.folder, `${jobId}${SUFFIX}`);
  }
}
