import { BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Why a wait ended before its time. */
export type EarlyEnd = 'hung_up' | 'shutdown';

/** Signals for waits: one ends when its caller hangs up, and all end when the process is told to stop. */
export class LongPolls implements BeforeApplicationShutdown {
  readonly #waits = new Set<AbortController>();
  #stopping = false;

  /** Runs `wait` with a signal whose `reason` is an EarlyEnd. */
  async during<Result>(reply: FastifyReply, wait: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    const hangUp = (): void => controller.abort('hung_up' satisfies EarlyEnd);
    this.#waits.add(controller);
    reply.raw.once('close', hangUp);
    if (this.#stopping) controller.abort('shutdown' satisfies EarlyEnd);
    try {
      return await wait(controller.signal);
    } finally {
      reply.raw.off('close', hangUp);
      this.#waits.delete(controller);
    }
  }

  /** Before the server closes: it waits for open requests, and a wait may last most of a minute. */
  beforeApplicationShutdown(): void {
    this.#stopping = true;
    for (const controller of this.#waits) controller.abort('shutdown' satisfies EarlyEnd);
  }
}
