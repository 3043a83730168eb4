import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded, JobStatus } from '@longhaul/contract';
import { HeldClaim, isStoreAway, Records, Settlement } from '@longhaul/records';
import { Feeder } from './feeder';
import { Log } from './log';
import { Counted, RoadMeter } from './road-meter';
import { Spool, Unreadable } from './spool/spool';

export interface SettlerParts {
  readonly records: Records;
  readonly spool: Spool;
  readonly feeder: Feeder;
  readonly meter: RoadMeter;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

const UNREADABLE = {
  unknown_key: ({ jobId }: HeldClaim, name: string) =>
    `The spooled answer of job ${jobId} is sealed with a key that LONGHAUL_SPOOL_KEY_FILE does not hold. It is kept as ${name}; the job is called again.`,
  broken: ({ jobId }: HeldClaim, name: string) =>
    `The spooled answer of job ${jobId} is damaged. It is kept as ${name}; the job is called again.`,
} as const;

const isAnswer = ({ job }: Settlement): boolean =>
  job.to === 'end' && (job.status === 'completed' || job.status === 'incomplete');

/** Keeps nothing that came from outside: any of it may be what was refused. */
function refused({ jobId, fence, worker, attempt: { call } }: Settlement): Settlement {
  const error = {
    code: 'internal',
    message: 'The answer could not be stored; the log of the worker says why.',
  };
  return {
    ...{ jobId, fence, worker, cooling: null, warm: null },
    attempt: {
      ...{ ...error, status: 'failed', trace: null, usage: null, price: null },
      ...(call === 'not_sent' ? { call, nanoUsd: 0 } : { call: 'unknown', nanoUsd: null }),
    },
    job: { to: 'end', status: 'failed', output: null, error, incompleteReason: null },
  };
}

/** Writes the end of a claim, however long PostgreSQL is away; a paid answer goes to the spool first. */
export class Settler {
  private stopped = false;

  constructor(private readonly parts: SettlerParts) {}

  /** From now on an unreachable database is not waited for: what is spooled is committed at the next start. */
  stop(): void {
    this.stopped = true;
  }

  /** @param job as it was claimed */
  async settle(settlement: Settlement, job: Counted): Promise<void> {
    const startedMs = this.parts.now();
    const spooled = isAnswer(settlement) && (await this.spool(settlement));
    await this.settleRate(settlement, job);
    const status = await this.writeAnyhow(settlement);
    if (status === 'unreachable') return;
    this.parts.meter.settleTook((this.parts.now() - startedMs) / 1000);
    if (spooled) this.parts.spool.remove(settlement);
    if (status === null)
      this.parts.log.warn(
        `Job ${settlement.jobId} was settled by another claim; fence ${String(settlement.fence)} came too late.`,
      );
    else {
      this.parts.meter.settled(job, settlement, status);
      this.announce(settlement, status);
    }
  }

  /**
   * A claim without a call, for whoever comes again where PostgreSQL is away: one try.
   * @throws GatewayError store_unavailable
   */
  async giveBack(settlement: Settlement, job: Counted): Promise<void> {
    await this.settleRate(settlement, job);
    const status = await this.parts.records.settle.settle(settlement);
    if (status === null) return;
    this.parts.meter.settled(job, settlement, status);
    this.announce(settlement, status);
  }

  /** Before the slots are freed, and at most once: where it is lost, the estimate stands. */
  private async settleRate(settlement: Settlement, job: Counted): Promise<void> {
    await this.parts.records.rates.settle(job, settlement).catch((thrown: unknown) => {
      if (!isStoreAway(thrown))
        this.parts.log.error(`What job ${settlement.jobId} used of its key's limits was not kept.`, thrown);
    });
  }

  /** Commits the spooled answer of a job, if there is one under the job's present fence. @returns true when it did */
  async commitSpooled(jobId: string): Promise<boolean> {
    for (;;) {
      const found = await this.parts.spool.find(jobId);
      if (!found) return false;
      if ('fault' in found) {
        await this.passOver(found);
        continue;
      }
      const { settlement } = found;
      const status = await this.take(settlement);
      this.parts.spool.remove(settlement);
      if (status === null) continue;
      this.parts.log.info(`Job ${jobId} ended with its spooled answer; no call was repeated.`);
      await this.countSpooled(settlement, status);
      this.announce(settlement, status);
      return true;
    }
  }

  /**
   * At the start and before leases are freed: every answer on disk of that age. One bad file stops nothing.
   * @returns the jobs whose answers were tried
   */
  async commitAllSpooled(age = { olderThanMs: 0 }): Promise<ReadonlySet<string>> {
    const tried = new Set(await this.parts.spool.jobIds(age));
    for (const jobId of tried) {
      await this.commitSpooled(jobId).catch((thrown: unknown) => {
        if (isStoreAway(thrown)) throw thrown;
        this.parts.log.error(`The spooled answer of job ${jobId} could not be read.`, thrown);
      });
    }
    return tried;
  }

  /** The jobs that have an answer on this host's disk, of any age. */
  spooledJobs(): Promise<readonly string[]> {
    return this.parts.spool.jobIds();
  }

  /** The answer is committed; a count that PostgreSQL has no time for is not worth a fault. */
  private async countSpooled(settlement: Settlement, status: JobStatus): Promise<void> {
    const job = await this.parts.records.jobs.read(settlement.jobId).catch(() => null);
    if (job) this.parts.meter.settled(job, settlement, status);
  }

  /** Null when it is void. One that PostgreSQL refuses is set aside, or it would be tried for ever. */
  private async take(settlement: Settlement): Promise<JobStatus | null> {
    try {
      return await this.parts.records.settle.settle(settlement, { takeover: true });
    } catch (thrown) {
      if (isStoreAway(thrown)) throw thrown;
      this.parts.log.error(
        `The spooled answer of job ${settlement.jobId} was refused by PostgreSQL.`,
        thrown,
      );
      await this.setAside(settlement);
      return null;
    }
  }

  /** Most of what cannot be read was settled long ago. An answer that its job still waits for is lost, and said to be. */
  private async passOver({ unreadable, fault }: Unreadable): Promise<void> {
    const { spool, records, log } = this.parts;
    const job = await records.jobs.read(unreadable.jobId);
    if (job === null || hasEnded(job.status) || job.fence !== unreadable.fence) {
      spool.remove(unreadable);
      return;
    }
    const name = await spool.setUnreadableAside(unreadable, fault).catch((thrown: unknown) => {
      spool.remove(unreadable);
      log.error(`What is left of the answer of job ${unreadable.jobId} could not be set aside.`, thrown);
      return 'nothing';
    });
    if (name !== null) log.error(UNREADABLE[fault](unreadable, name));
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

  /** An ending that PostgreSQL refuses for what it holds becomes a failure: the job must not stay leased, and be paid again. */
  private async writeAnyhow(settlement: Settlement): Promise<JobStatus | null | 'unreachable'> {
    try {
      return await this.write(settlement);
    } catch (thrown) {
      this.parts.log.error(`The end of job ${settlement.jobId} was refused by PostgreSQL.`, thrown);
      // What was paid for stays on the disk for people to read.
      await this.setAside(settlement);
      return this.write(refused(settlement));
    }
  }

  /** A disk that cannot take it must not keep the job from its end. */
  private async setAside(settlement: Settlement): Promise<void> {
    const { spool, log } = this.parts;
    try {
      const name = await spool.setAside(settlement);
      log.error(
        `The answer of job ${settlement.jobId} is kept in the spool as ${name}; nobody tries it again.`,
      );
    } catch (thrown) {
      spool.remove(settlement);
      log.error(`The answer of job ${settlement.jobId} could not be set aside and is lost.`, thrown);
    }
  }

  private async write(settlement: Settlement): Promise<JobStatus | null | 'unreachable'> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.parts.records.settle.settle(settlement);
      } catch (thrown) {
        if (!isStoreAway(thrown)) throw thrown;
        if (this.stopped) return 'unreachable';
        if (pauseMs === FIRST_PAUSE_MS)
          this.parts.log.warn(`The end of job ${settlement.jobId} waits for PostgreSQL.`, thrown);
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
