import { closeSync, fdatasync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HeldClaim, Settlement } from '@longhaul/records';

/** `<job>.<fence>.json`: two claims of one job, a frozen worker's and its successor's, must not share a file. */
const NAME = /^(?<jobId>.+)\.(?<fence>\d+)\.json$/;
const flush = promisify(fdatasync);
const isMissing = (thrown: unknown): boolean => (thrown as { code?: string } | null)?.code === 'ENOENT';
const unlessMissing = (thrown: unknown): void => {
  if (!isMissing(thrown)) throw thrown;
};

export interface SpoolOptions {
  /**
   * How old the list of files may be that `find` looks into: a small part of a lease. Nobody takes a job over before
   * most of a lease has passed since its owner wrote an answer and died, so that answer stands in the list.
   */
  readonly listingMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Paid answers on disk, shared by the workers of one host: an answer is here, flushed, before it is committed, so that
 * neither a PostgreSQL outage nor a kill loses it. One file per claim, 0600, in a folder of 0700.
 */
export class Spool {
  private listing: { claims: Promise<HeldClaim[]>; readonly atMs: number } | null = null;

  constructor(
    private readonly folder: string,
    private readonly options: SpoolOptions = { listingMs: 0, now: () => performance.now() },
  ) {}

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Returns after the bytes are on the disk. Until then a reader sees half a file, which is no JSON and counts as none.
   * Only the flush is awaited: what touches no more than the page cache takes microseconds, and a tenth of a
   * millisecond of CPU by way of the thread pool, which was half of what a worker spent on a job.
   */
  async write(settlement: Settlement): Promise<void> {
    const file = openSync(this.pathOf(settlement), 'w', 0o600);
    try {
      writeFileSync(file, JSON.stringify(settlement));
      await flush(file);
    } finally {
      closeSync(file);
    }
    this.amend((claims) => [...claims, { jobId: settlement.jobId, fence: settlement.fence }]);
  }

  /** The newest spooled answer of a job, or null. A file that cannot be read as one counts as none. */
  async find(jobId: string): Promise<Settlement | null> {
    const fences = (await this.recent()).filter((claim) => claim.jobId === jobId).map(({ fence }) => fence);
    if (fences.length === 0) return null;
    try {
      return JSON.parse(
        await readFile(this.pathOf({ jobId, fence: Math.max(...fences) }), 'utf8'),
      ) as Settlement;
    } catch (thrown) {
      if (isMissing(thrown) || thrown instanceof SyntaxError) return null;
      throw thrown;
    }
  }

  /** The jobs that have a spooled answer of at least this age; a young one may be about to be settled by its owner. */
  async jobIds({ olderThanMs = 0 } = {}): Promise<string[]> {
    const claims = await this.claims();
    const ages = await Promise.all(claims.map((claim) => this.ageMs(claim)));
    return [
      ...new Set(claims.filter((_, index) => (ages[index] ?? -1) >= olderThanMs).map(({ jobId }) => jobId)),
    ];
  }

  /** How many answers wait here for PostgreSQL. */
  async count(): Promise<number> {
    return (await this.claims()).length;
  }

  remove(claim: HeldClaim): void {
    try {
      unlinkSync(this.pathOf(claim));
    } catch (thrown) {
      unlessMissing(thrown);
    }
    this.forget(claim);
  }

  /** For an answer that PostgreSQL will never take: people may look at it, nobody tries it again. */
  async setAside(claim: HeldClaim): Promise<void> {
    await rename(this.pathOf(claim), `${this.pathOf(claim)}.refused`).catch(unlessMissing);
    this.forget(claim);
  }

  /** Null when the file is gone. */
  private async ageMs(claim: HeldClaim): Promise<number | null> {
    const { mtimeMs } = await stat(this.pathOf(claim)).catch(() => ({ mtimeMs: null }));
    return mtimeMs === null ? null : Math.max(0, Date.now() - mtimeMs);
  }

  /** One reading of the folder serves all claims of a moment. */
  private recent(): Promise<HeldClaim[]> {
    const { now, listingMs } = this.options;
    if (this.listing === null || now() - this.listing.atMs >= listingMs)
      this.listing = { claims: this.claims(), atMs: now() };
    return this.listing.claims;
  }

  /** What this process does to the folder itself it need not read again. */
  private amend(change: (claims: HeldClaim[]) => HeldClaim[]): void {
    if (this.listing !== null) this.listing.claims = this.listing.claims.then(change);
  }

  private forget({ jobId, fence }: HeldClaim): void {
    this.amend((claims) => claims.filter((claim) => claim.jobId !== jobId || claim.fence !== fence));
  }

  private async claims(): Promise<HeldClaim[]> {
    const names = await readdir(this.folder).catch((thrown: unknown) => {
      unlessMissing(thrown);
      return [];
    });
    return names.flatMap((name) => {
      const { jobId, fence } = NAME.exec(name)?.groups ?? {};
      return jobId === undefined ? [] : [{ jobId, fence: Number(fence) }];
    });
  }

  private pathOf({ jobId, fence }: HeldClaim): string {
    return join(this.folder, `${jobId}.${String(fence)}.json`);
  }
}
