import {
  BackEnd,
  BackEndOptions,
  chooseBackEnd,
  Dispatch,
  Fate,
  LaneCap,
  Lanes,
  QueueLog,
  Ticket,
  TicketHandler,
  ticketOf,
} from '@longhaul/queue';
import { IQueueBackend } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import { backEnds, freshDatabase, RedisServer, startRedis } from '../support/stores';

export const LEASE_MS = 2000;
export const DONE: Fate = { fate: 'done' };

export type Kind = BackEnd['kind'];
export const kinds: readonly Kind[] = backEnds();

const silent: QueueLog = { warn: () => undefined, error: () => undefined };

export function backEndOf(kind: Kind, url: string, options: Partial<BackEndOptions> = {}): BackEnd {
  const urls = { redisUrl: kind === 'redis' ? url : null, databaseUrl: kind === 'postgres' ? url : null };
  return chooseBackEnd({ ...urls, lanes: 4, log: silent, onFatal: () => undefined, ...options });
}

/** One store per suite; one lane, one producer and any number of workers per test. */
export class QueueRig {
  backEnd!: BackEnd;
  dispatch!: Dispatch;
  lane = '';
  fetches = 0;
  redis: RedisServer | null = null;
  #laneNumber = 0;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(
    readonly kind: Kind,
    public url = '',
  ) {}

  async startStore(): Promise<void> {
    if (this.kind === 'redis') this.redis = await startRedis();
    this.url = (this.redis ?? (await freshDatabase())).url;
  }

  async openLane(): Promise<void> {
    this.lane = `lane${(this.#laneNumber += 1)}`;
    this.backEnd = backEndOf(this.kind, this.url);
    await this.backEnd.open();
    this.dispatch = new Dispatch(this.backEnd, silent);
    const { dispatch } = this;
    this.#closers.push(() => dispatch.close());
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** A worker "process" of its own: its connections are shared with nobody. */
  async work(handle: TicketHandler, cap = 5): Promise<Lanes> {
    const backEnd = backEndOf(this.kind, this.url);
    await backEnd.open();
    this.#countFetches(backEnd);
    const lanes: LaneCap[] = [{ lane: this.lane, cap }];
    const worker = new Lanes({ backEnd, lanes, leaseMs: LEASE_MS, handle, log: silent });
    await worker.start();
    this.#closers.push(async () => {
      await worker.close(0);
      await backEnd.close();
    });
    return worker;
  }

  /** Listens in: how often this rig's workers asked the store for a ticket. */
  #countFetches(backEnd: BackEnd): void {
    const hire = backEnd.worker.bind(backEnd);
    backEnd.worker = (...order) => {
      const worker = hire(...order);
      const store = worker.getBackend() as unknown as IQueueBackend;
      const fetch = store.moveToActive.bind(store);
      store.moveToActive = (...asked) => {
        this.fetches += 1;
        return fetch(...asked);
      };
      return worker;
    };
  }

  ring(...jobIds: string[]): Promise<void> {
    return this.dispatch.ring(
      this.lane,
      jobIds.map((jobId) => ticketOf(jobId, 1)),
    );
  }
}

export const bells = (count: number): Ticket[] =>
  Array.from({ length: count }, (_unused, index) => ticketOf(`job_${index}`, 1));

/** A promise and the way to end it. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Looks every few milliseconds until the condition holds, and says how long that took. */
export async function until(what: string, withinMs: number, holds: () => boolean): Promise<number> {
  const startedAt = performance.now();
  while (!holds()) {
    if (performance.now() - startedAt > withinMs) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await pause(5);
  }
  return performance.now() - startedAt;
}
