import { once } from 'node:events';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitDatabase } from '@longhaul/records';

export interface AnteroomAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export interface AnteroomOptions {
  readonly host: string;
  readonly port: number;
  /** E.g. `The API`. */
  readonly who: string;
  /** What a request gets that is no probe. @param why a sentence */
  readonly refuse: (why: string, request: IncomingMessage) => AnteroomAnswer;
  readonly say: (line: string) => void;
}

const AGAIN_MS = 1000;
/** One line tells what it waits for, and another one after so long that it still does. */
const SAID_EVERY_MS = 30_000;

const NOT_OVER = 'Its start is not over; its log says what it waits for.';
const BUSY = 'Another process brings the schema of PostgreSQL up to date, or stands still while it does.';
const MIGRATES = 'It brings the schema of PostgreSQL up to date, which may take a while.';

/**
 * Where a process stands until PostgreSQL is there, with the schema that it needs: alive, not ready and able to say why,
 * instead of dying and being started again. Not opened at all where PostgreSQL answers at once, and no other part of the
 * start takes longer than a moment.
 */
export class Anteroom {
  private server: Server | null = null;
  private opening: Promise<void> | null = null;
  private why = NOT_OVER;
  private said = { what: '', atMs: -Infinity };

  constructor(private readonly options: AnteroomOptions) {}

  /** Resolves when PostgreSQL is there and its schema up to date. Throws what no waiting mends. */
  async wait(databaseUrl: string): Promise<void> {
    await this.during(() =>
      awaitDatabase(databaseUrl, {
        pause: () => pause(AGAIN_MS),
        onAway: (why) => this.stay('waits for PostgreSQL', why),
        onBusy: () => this.stay('waits for another process', BUSY),
        onMigrate: () => {
          this.why = MIGRATES;
        },
      }),
    );
    this.why = NOT_OVER;
  }

  /** A part of the start that may take long: PostgreSQL may go away in it, or have much to do. */
  async during<Value>(part: () => Promise<Value>): Promise<Value> {
    const over = new AbortController();
    // A port that is taken is told of by the app itself, which needs it next.
    const opened = pause(AGAIN_MS, undefined, { signal: over.signal })
      .then(() => this.open())
      .catch(() => undefined);
    try {
      return await part();
    } finally {
      over.abort();
      await opened;
    }
  }

  /** The port is for the app itself then. */
  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  private async stay(what: string, why: string): Promise<void> {
    this.why = why;
    const nowMs = performance.now();
    if (what !== this.said.what || nowMs - this.said.atMs >= SAID_EVERY_MS) {
      this.said = { what, atMs: nowMs };
      this.options.say(`${this.options.who} ${what}. ${why}`);
    }
    await this.open();
  }

  /** Both a wait and the clock of its part ask for it. */
  private async open(): Promise<void> {
    if (this.server) return;
    this.opening ??= this.listen().finally(() => {
      this.opening = null;
    });
    await this.opening;
  }

  private async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request, response);
    });
    server.listen(this.options.port, this.options.host);
    await once(server, 'listening');
    this.server = server;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { status, headers, body } = this.answerTo(request);
    // Whatever the request still sends is not read: the connection goes with its answer.
    response.writeHead(status, { 'cache-control': 'no-store', connection: 'close', ...headers });
    response.end(JSON.stringify(body));
  }

  private answerTo(request: IncomingMessage): AnteroomAnswer {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz') return { status: 200, headers, body: { status: 'ok' } };
    if (path === '/readyz')
      return { status: 503, headers, body: { status: 'not_ready', checks: { database: this.why } } };
    return this.options.refuse(this.why, request);
  }
}
