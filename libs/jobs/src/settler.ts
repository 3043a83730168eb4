import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError, hasEnded, JobStatus } from '@longhaul/contract';
import { Records, Settlement } from '@longhaul/records';
import { Feeder } from './feeder';
import { Log } from './log';
import { Spool } from './spool';

export interface SettlerParts {
  readonly records: Records;
  readonly spool: Spool;
  readonly feeder: Feeder;
  readonly log: Log;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

const isAnswer = ({ job }: Settlement): boolean =>
  job.to === 'end' && (job.status === 'completed' || job.status === 'incomplete');
const isStoreAway = (thrown: unknown): boolean =>
  thrown instanceof GatewayError && thrown.code === 'store_unavailable';

/** Writes the end of a claim, however long PostgreSQL is away; a paid answer goes to the spool first. */
export class Settler {
  private stopped = false;

  constructor(private readonly parts: SettlerParts) {}

  /** From now on an unreachable database is not waited for: what is spooled is committed at the next start. */
  stop(): void {
    this.stopped = true;
  }

  async settle(settlement: Settlement): Promise<void> {
    const spooled = isAnswer(settlement) && (await this.spool(settlement));
    const status = await this.write(settlement);
    if (status === 'unreachable') return;
    if (spooled) await this.parts.spool.remove(settlement.jobId);
    if (status === null)
      this.parts.log.warn(
        `Job ${settlement.jobId} was settled by another claim; fence ${String(settlement.fence)} came too late.`,
      );
    else this.announce(settlement, status);
  }

  /** Commits the spooled answer of a job, if there is one under the job's present fence. @returns true when it did */
  async commitSpooled(jobId: string): Promise<boolean> {
    const settlement = await this.parts.spool.find(jobId);
    if (!settlement) return false;
    const status = await this.parts.records.settle.settle(settlement, { takeover: true });
    await this.parts.spool.remove(jobId);
    if (status === null) return false;
    this.parts.log.info(`Job ${jobId} ended with its spooled answer; no call was repeated.`);
    this.announce(settlement, status);
    return true;
  }

  /** At the start and before leases are freed: every answer that is on disk. */
  async commitAllSpooled(): Promise<void> {
    for (const jobId of await this.parts.spool.jobIds()) await this.commitSpooled(jobId);
  }

  /** A full or read-only disk must not lose the answer that is still in memory. */
  private async spool(settlement: Settlement): Promise<boolean> {
    try {
      await this.parts.spool.write(settlement);
      return true;
    } catch (thrown) {
      this.parts.log.error(
        `The answer of job ${settlement.jobId} could not be spooled; it is committed from memory.`,
        thrown,
      );
      return false;
    }
  }

  private async write(settlement: Settlement): Promise<JobStatus | null | 'unreachable'> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.parts.records.settle.settle(settlement);
      } catch (thrown) {
        if (!isStoreAway(thrown)) throw thrown;
        if (this.stopped) return 'unreachable';
        await pause(pauseMs);
      }
    }
  }

  private announce(settlement: Settlement, status: JobStatus): void {
    if (hasEnded(status)) this.parts.records.notices.tell('ended', settlement.jobId);
    else if (settlement.job.to === 'again') {
      this.parts.records.notices.tell('ready', settlement.job.provider);
      this.parts.feeder.wake(settlement.job.provider);
    }
  }
}
