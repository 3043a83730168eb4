import { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { CallLog, CallRecord } from './call-log';
import { Delivery } from './delivery';
import { Gate } from './gate';
import { HoldPoint } from './script';
import { KEEP_ALIVE, WireUsage } from './wire';

/** Where a delivery is played. */
export interface Stage {
  readonly response: ServerResponse;
  readonly call: CallRecord;
  readonly log: CallLog;
  readonly gate: Gate;
  readonly now: () => number;
}

/** What was billed of an answer that was broken off after some of its pieces. */
function billFor(delivery: Delivery, sent: number): WireUsage | null {
  const { usage, pieces } = delivery;
  if (usage === null || sent === 0) return null;
  const completion = Math.ceil((usage.completion_tokens * sent) / Math.max(1, pieces.length));
  return { ...usage, completion_tokens: completion, total_tokens: usage.prompt_tokens + completion };
}

/** Sends one delivery. It ends with the answer's end, with the cut its script asks for, or with the client's leave. */
export class Player {
  readonly #stage: Stage;
  readonly #delivery: Delivery;
  readonly #over = new AbortController();
  #sentPieces = 0;

  constructor(stage: Stage, delivery: Delivery) {
    this.#stage = stage;
    this.#delivery = delivery;
    stage.response.once('close', () => this.#end('client_closed'));
    // A client that left while its request was read has had its close event already.
    if (stage.response.closed) this.#end('client_closed');
  }

  async play(): Promise<void> {
    try {
      await this.#playAll();
    } catch (error) {
      // Every wait ends with this when the call is over; anything else is a fault of the sandbox itself.
      if (!this.#over.signal.aborted) throw error;
    }
  }

  /** Destroys the socket, whatever the answer was doing. */
  cut(): void {
    this.#end('cut');
    this.#stage.response.destroy();
  }

  async #playAll(): Promise<void> {
    const { response, log, call, now } = this.#stage;
    const { status, headers, delayHeadersMs, delayFirstTokenMs, cutBeforeHeaders, lead } = this.#delivery;
    this.#over.signal.throwIfAborted();
    await this.#pause(delayHeadersMs);
    await this.#hold('headers');
    if (cutBeforeHeaders) return this.cut();
    response.writeHead(status, { 'x-request-id': `sandbox-${call.seq}`, ...headers });
    response.flushHeaders();
    log.note(call, { headersAt: now(), status });
    if (this.#delivery.cutAtByte === 0) return this.cut();
    for (const piece of lead) await this.#write(piece);
    await this.#withKeepAlive(async () => {
      await this.#pause(delayFirstTokenMs);
      await this.#hold('first_token');
    });
    await this.#sendPieces();
    await this.#withKeepAlive(() => this.#hold('end'));
    await this.#sendClosing();
  }

  async #sendPieces(): Promise<void> {
    const { pieces, paceMs, stallAfterChunk } = this.#delivery;
    for (const piece of pieces) {
      if (this.#sentPieces === stallAfterChunk) break;
      if (this.#sentPieces > 0) await this.#withKeepAlive(() => this.#pause(paceMs));
      this.#noteFirstToken();
      await this.#write(piece);
      this.#sentPieces += 1;
    }
    if (stallAfterChunk !== null) await this.#withKeepAlive(() => this.#silence());
  }

  /** The call counts as ended before its last bytes go out: the client may start its next call on reading them. */
  async #sendClosing(): Promise<void> {
    const { closing } = this.#delivery;
    const last = closing.at(-1) ?? '';
    for (const event of closing.slice(0, -1)) await this.#write(event);
    if (this.#overflow(last) !== null) return void (await this.#write(last));
    this.#noteFirstToken();
    const { response, log, call } = this.#stage;
    log.note(call, {
      bytesSent: call.bytesSent + Buffer.byteLength(last),
      usageBilled: this.#delivery.usage,
    });
    this.#end('whole');
    response.end(last);
  }

  #noteFirstToken(): void {
    const { log, call, now } = this.#stage;
    if (call.firstTokenAt === null && call.status === 200) log.note(call, { firstTokenAt: now() });
  }

  /** How many of the text's bytes may still go out before the scripted cut; null when all may. */
  #overflow(text: string): number | null {
    const { cutAtByte } = this.#delivery;
    if (cutAtByte === null) return null;
    const left = cutAtByte - this.#stage.call.bytesSent;
    return Buffer.byteLength(text) >= left ? left : null;
  }

  /** Writes and waits for the kernel to have it, so that a cut loses nothing that the log counts. */
  async #write(text: string): Promise<void> {
    this.#over.signal.throwIfAborted();
    const { response, log, call } = this.#stage;
    const limit = this.#overflow(text);
    const bytes = Buffer.from(text).subarray(0, limit ?? undefined);
    log.note(call, { bytesSent: call.bytesSent + bytes.length });
    await new Promise<void>((resolve) => {
      const { signal } = this.#over;
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done);
      response.write(bytes, done);
    });
    if (limit !== null) this.cut();
    this.#over.signal.throwIfAborted();
  }

  async #pause(durationMs: number): Promise<void> {
    if (durationMs > 0) await delay(durationMs, undefined, { signal: this.#over.signal });
  }

  async #hold(point: HoldPoint): Promise<void> {
    if (this.#delivery.holdBefore !== point) return;
    const { log, call, gate } = this.#stage;
    const waiting = gate.hold(call, this.#over.signal);
    log.note(call, { heldBefore: point });
    await waiting;
    log.note(call, { heldBefore: null });
  }

  async #silence(): Promise<never> {
    const { signal } = this.#over;
    signal.throwIfAborted();
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  async #withKeepAlive(wait: () => Promise<void>): Promise<void> {
    const { keepAliveEveryMs } = this.#delivery;
    if (keepAliveEveryMs === null) return wait();
    // A comment that comes too late finds the call over; the wait itself reports that.
    const timer = setInterval(() => void this.#write(KEEP_ALIVE).catch(() => undefined), keepAliveEveryMs);
    try {
      await wait();
    } finally {
      clearInterval(timer);
    }
  }

  #end(outcome: 'whole' | 'cut' | 'client_closed'): void {
    if (this.#over.signal.aborted) return;
    const { log, call } = this.#stage;
    if (outcome !== 'whole') log.note(call, { usageBilled: billFor(this.#delivery, this.#sentPieces) });
    log.end(call, outcome);
    this.#over.abort();
  }
}
