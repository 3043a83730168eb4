import { GatewayError } from '@longhaul/contract';
import { EventEmitter } from 'node:events';
import { createPostgresBackend, PostgresConnection, Processor, Queue, Worker } from 'bullmq';
import { BackEnd, LaneQueue, LaneWorker, LaneWorkerOptions } from './back-end';
import { within } from './deadline';
import { pace } from './pacing';
import { Presence } from './presence';
import { messageOf, QueueLog } from './quiet-log';
import { queueNameOf } from './ticket';
import { laneOptions } from './worker-options';

export interface PostgresBackEndOptions {
  readonly url: string;
  readonly lanes: number;
  readonly log: QueueLog;
}

/** Each lane's worker keeps one connection for LISTEN; the rest is for queries. */
const QUERY_CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 3000;
const QUERY_TIMEOUT_MS = 10_000;
const PROBE_EVERY_MS = 500;
const CLOSE_WAIT_MS = 1000;
/** NOTIFY wakes an idle worker; this is for a notification that got lost. */
const IDLE_LOOK_SECONDS = 2;
/** Nobody reads BullMQ's event table here. */
const EVENTS_KEPT = 1000;

const createPacedBackend: typeof createPostgresBackend = (name, options, extra) =>
  pace(createPostgresBackend(name, options, extra));

/**
 * BullMQ holds a lock of the lane until its commit is on the disk, so every ticket of a lane waited for the one before.
 * What a crash of the server takes is the last tickets, and the Reconciler rings these again.
 */
const TICKETS_MAY_BE_LOST = '-c synchronous_commit=off';

type Pool = PostgresConnection['pool'];
type PostgresQueue = LaneQueue & { close(): Promise<void> };

/** BullMQ's own PostgreSQL back end: one pool per process, its tables in the schema `bullmq`. */
export class PostgresBackEnd implements BackEnd {
  readonly kind = 'postgres';
  readonly #presence: Presence;
  readonly #queues = new Map<string, PostgresQueue>();
  #connection: PostgresConnection | null = null;
  #probe: NodeJS.Timeout | null = null;
  #closing = false;

  constructor(private readonly options: PostgresBackEndOptions) {
    this.#presence = new Presence(options.log);
  }

  async open(): Promise<void> {
    // BullMQ's own class makes the pool: it pins the search path, and `pg` stays with the records library.
    const connection = new PostgresConnection({
      connectionString: this.options.url,
      application_name: 'longhaul-queue',
      options: TICKETS_MAY_BE_LOST,
      max: this.options.lanes + QUERY_CONNECTIONS,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      migrate: true,
    });
    // Every queue and worker listens to the shared pool.
    if (connection.pool instanceof EventEmitter) {
      connection.pool.setMaxListeners(0);
      // The pool listens to idle connections alone: one that breaks on its way to a query would end the process.
      connection.pool.on('connect', (client: EventEmitter) => client.on('error', () => undefined));
    }
    connection.on('error', (error) => this.#warn(error));
    try {
      // Under an advisory lock: several processes may boot at once.
      await connection.waitUntilReady();
    } catch (thrown) {
      await within(CLOSE_WAIT_MS, connection.close()).catch(() => undefined);
      throw this.#unreachable(thrown);
    }
    connection.on('error', () => this.suspect());
    this.#connection = connection;
    this.#presence.here();
  }

  queue(lane: string): LaneQueue {
    const known = this.#queues.get(lane);
    if (known !== undefined) return known;
    const options = { connection: this.#pool(), streams: { events: { maxLen: EVENTS_KEPT } } };
    const queue = new Queue(queueNameOf(lane), options, createPostgresBackend);
    queue.on('error', (error) => this.#warn(error));
    this.#queues.set(lane, queue);
    // BullMQ keeps the failure of a queue's first query for good, so such a queue is made anew.
    queue.waitUntilReady().catch(() => this.#queues.delete(lane));
    return queue;
  }

  worker(lane: string, processor: Processor, options: LaneWorkerOptions): LaneWorker {
    const workerOptions = {
      ...laneOptions(options),
      drainDelay: IDLE_LOOK_SECONDS,
      connection: this.#pool(),
    };
    return new Worker(queueNameOf(lane), processor, workerOptions, createPacedBackend);
  }

  isUp(): boolean {
    return this.#presence.isUp;
  }

  onRestored(callback: () => void): () => void {
    return this.#presence.onRestored(callback);
  }

  suspect(): void {
    if (this.#closing) return;
    this.#presence.away();
    this.#probe ??= setTimeout(() => void this.#lookAgain(), PROBE_EVERY_MS);
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#probe !== null) clearTimeout(this.#probe);
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await within(CLOSE_WAIT_MS, Promise.allSettled(queues.map((queue) => queue.close()))).catch(
      () => undefined,
    );
    // Ending a pool waits for its connections, and a server that hangs never lets go of them.
    await within(CLOSE_WAIT_MS, this.#connection?.close() ?? Promise.resolve()).catch(() => undefined);
  }

  #pool(): Pool {
    if (this.#connection !== null) return this.#connection.pool;
    throw new GatewayError('internal', 'The queue store was used before open(); open it at boot.');
  }

  async #lookAgain(): Promise<void> {
    this.#probe = null;
    try {
      await within(CONNECT_TIMEOUT_MS, this.#pool().query('SELECT 1'));
      if (!this.#closing) this.#presence.here();
    } catch {
      this.suspect();
    }
  }

  #unreachable(cause: unknown): GatewayError {
    const message =
      `The lanes' tables in PostgreSQL could not be prepared: ${messageOf(cause)}. ` +
      'Check that the server at DATABASE_URL is up and that its user may create the schema "bullmq".';
    return new GatewayError('store_unavailable', message, { cause });
  }

  #warn(thrown: unknown): void {
    if (!this.#closing) this.options.log.warn(`The lanes in PostgreSQL (DATABASE_URL): ${messageOf(thrown)}`);
  }
}
