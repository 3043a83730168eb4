import { GatewayError } from '@longhaul/contract';
import { createRedisBackend, Processor, Queue, Worker } from 'bullmq';
import { Redis, RedisOptions } from 'ioredis';
import { BackEnd, LaneQueue, LaneWorker, LaneWorkerOptions } from './back-end';
import { within } from './deadline';
import { pace } from './pacing';
import { Presence } from './presence';
import { messageOf, QueueLog } from './quiet-log';
import { isReplica, policyFault } from './redis-policy';
import { renewal } from './renewal';
import { queueNameOf } from './ticket';
import { laneOptions } from './worker-options';

export interface RedisBackEndOptions {
  readonly url: string;
  readonly log: QueueLog;
  readonly onFatal: (error: GatewayError) => void;
  readonly deadlineMs: number;
}

/** How long the boot waits for a Redis before it goes on without. */
const BOOT_WAIT_MS = 2000;
const SLOWEST_RETRY_MS = 1000;
/** A worker's connection that owes an answer for so long is cut: a half-open one would never end by itself. */
const WORKER_SOCKET_TIMEOUT_MS = 5000;
/** How soon an idle worker looks again by itself, for tickets whose marker went to a worker without room. */
const IDLE_LOOK_SECONDS = 0.5;

/** BullMQ's default climbs to 20 s; dispatch must go on within 3 s of the server's return. */
const retryAfterMs = (attempt: number): number => Math.min(50 * 2 ** attempt, SLOWEST_RETRY_MS);

/** A server that loads its data is asked again by its own estimate otherwise, up to 10 s later. */
const CONNECTING = { retryStrategy: retryAfterMs, maxLoadingRetryTime: SLOWEST_RETRY_MS };

const createPacedBackend: typeof createRedisBackend = (name, options, extra) =>
  pace(createRedisBackend(name, options, extra));

/** Redis or Valkey through ioredis: one producer connection for all queues, two for each lane's worker. */
export class RedisBackEnd implements BackEnd {
  readonly kind = 'redis';
  readonly #presence: Presence;
  readonly #producer: Redis;
  readonly #queues = new Map<string, Queue>();
  #whenExamined: ((fault: GatewayError | null) => void) | null = null;
  #closing = false;
  readonly #isRenewedOn = renewal();
  #isBeingRenewed = false;
  #overdue: NodeJS.Timeout | undefined;

  constructor(private readonly options: RedisBackEndOptions) {
    this.#presence = new Presence(options.log);
    this.#producer = new Redis(options.url, this.#producerOptions());
    this.#producer.on('error', (error) => this.#warn(error));
    this.#producer.on('close', () => this.#onClose());
    this.#producer.on('ready', () => void this.#examine());
  }

  async open(): Promise<void> {
    const examined = new Promise<GatewayError | null>((resolve) => (this.#whenExamined = resolve));
    // The rejection is this attempt's alone; ioredis goes on, and `error` has told the log.
    this.#producer.connect().catch(() => undefined);
    const fault = await within(BOOT_WAIT_MS, examined).catch(() => null);
    this.#whenExamined = null;
    if (fault !== null) {
      await this.close();
      throw fault;
    }
    if (!this.isUp()) {
      this.options.log.warn(
        'The Redis at REDIS_URL does not answer. Jobs are accepted and wait in PostgreSQL until it does.',
      );
    }
  }

  queue(lane: string): LaneQueue {
    const known = this.#queues.get(lane);
    if (known !== undefined) return known;
    // Nothing is asked of the server here: BullMQ keeps the failure of a queue's first command for good.
    const options = { connection: this.#producer, skipWaitingForReady: true, skipVersionCheck: true };
    const queue = new Queue(queueNameOf(lane), { ...options, skipMetasUpdate: true });
    queue.on('error', (error) => this.#warn(error));
    this.#queues.set(lane, queue);
    return queue;
  }

  worker(lane: string, processor: Processor, options: LaneWorkerOptions): LaneWorker {
    const connection = {
      url: this.options.url,
      maxRetriesPerRequest: null,
      ...CONNECTING,
      connectTimeout: 3000,
      socketTimeout: WORKER_SOCKET_TIMEOUT_MS,
      // BullMQ copies these for each of the worker's connections, and a copy takes what the getter gives: a bound of its own.
      get reconnectOnError() {
        return renewal();
      },
    };
    const workerOptions = { ...laneOptions(options), drainDelay: IDLE_LOOK_SECONDS, connection };
    return new Worker(queueNameOf(lane), processor, workerOptions, createPacedBackend);
  }

  isUp(): boolean {
    return this.#presence.isUp;
  }

  onRestored(callback: () => void): () => void {
    return this.#presence.onRestored(callback);
  }

  /** Nothing to do: a command without an answer cuts the producer's socket, and `close` says the rest. */
  suspect(): void {}

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#overdue);
    this.#producer.disconnect();
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
    this.#queues.clear();
  }

  #producerOptions(): RedisOptions {
    return {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      ...CONNECTING,
      connectTimeout: this.options.deadlineMs,
      commandTimeout: this.options.deadlineMs,
      socketTimeout: this.options.deadlineMs,
      reconnectOnError: (error) => {
        const isRenewed = this.#isRenewedOn(error);
        this.#isBeingRenewed ||= isRenewed;
        return isRenewed;
      },
    };
  }

  #onClose(): void {
    clearTimeout(this.#overdue);
    if (this.#closing || !this.#isBeingRenewed) this.#presence.away();
    else this.#awaitSuccessor();
    this.#isBeingRenewed = false;
  }

  /** A Redis that refuses is not away. One that loads its data is: ioredis waits for it, however long, and says nothing. */
  #awaitSuccessor(): void {
    this.#presence.replaced();
    this.#overdue = setTimeout(() => this.#presence.away(), this.options.deadlineMs);
  }

  /** After each connect: the server may be another one than before. */
  async #examine(): Promise<void> {
    clearTimeout(this.#overdue);
    try {
      const fault = await policyFault(this.#producer, this.options.log);
      if (this.#closing) return;
      if (fault === null) await this.#arrive();
      else this.#presence.away();
      if (this.#whenExamined !== null) this.#whenExamined(fault);
      else if (fault !== null) this.options.onFatal(fault);
    } catch (thrown) {
      // The connection broke again; the next `ready` examines anew.
      this.#warn(thrown);
      this.#producer.disconnect(true);
    }
  }

  /** A name that leads to a replica still tells nobody of a return, each few seconds: that would have everything rung. */
  async #arrive(): Promise<void> {
    const tellsNobody = this.#presence.isUp && (await isReplica(this.#producer));
    if (!tellsNobody && !this.#closing) this.#presence.here();
  }

  #warn(thrown: unknown): void {
    if (!this.#closing) this.options.log.warn(`Redis (REDIS_URL): ${messageOf(thrown)}`);
  }
}
