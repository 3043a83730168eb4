import { JobsOptions, Processor } from 'bullmq';

/** The part of a BullMQ queue that a lane needs; the same on both back ends. */
export interface LaneQueue {
  add(name: string, data: unknown, options: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: unknown; opts: JobsOptions }[]): Promise<unknown>;
  setGlobalConcurrency(concurrency: number): Promise<unknown>;
  getWaitingCount(): Promise<number>;
  rateLimit(forMs: number): Promise<void>;
  isPaused(): Promise<boolean>;
  /** @returns 1 when a ticket of that id was there */
  remove(bullId: string): Promise<number>;
}

/** The part of a BullMQ worker that a lane needs. */
export interface LaneWorker {
  concurrency: number;
  isRunning(): boolean;
  waitUntilReady(): Promise<void>;
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
  cancelAllJobs(reason: string): void;
  /** By force: without waiting for the running tickets. */
  close(force: boolean): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (bullIds: string[]) => void): unknown;
  /** `disconnectBlocking` ends a wait for tickets. */
  getBackend(): { disconnectBlocking(wait?: boolean): Promise<void> };
}

export interface LaneWorkerOptions {
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
}

/** The dispatch store of one process: its connections, and what is made on them. */
export interface BackEnd {
  readonly kind: 'redis' | 'postgres';
  /**
   * Connects. PostgreSQL: brings BullMQ's schema up to date, and rejects when it cannot be reached. Redis:
   * rejects only for a server that must not be used; one that is away is connected to when it comes.
   */
  open(): Promise<void>;
  /** The lane's queue, made once. It fails fast and never buffers while the store is away. */
  queue(lane: string): LaneQueue;
  /** A new worker, which begins to fetch at once. Its connections wait for an absent store. */
  worker(lane: string, processor: Processor, options: LaneWorkerOptions): LaneWorker;
  /** False from the first sign of absence to the first sign of return. */
  isUp(): boolean;
  /** Calls back each time the store is there again. Returns the way to stop it. */
  onRestored(callback: () => void): () => void;
  /** A caller saw the store fail. */
  suspect(): void;
  /** Ends every connection, by force where the store does not answer. */
  close(): Promise<void>;
}

/** A call to the store that takes longer has failed. The callers promise an answer within two seconds. */
export const STORE_DEADLINE_MS = 1500;
