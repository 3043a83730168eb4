import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { CallLog } from './call-log';
import { control } from './control';
import { callDelivery, Delivery, modelDelivery, refusal, scriptedDelivery } from './delivery';
import { Gate } from './gate';
import { modelFor, modelList } from './models';
import { Player } from './player';
import { CHAT_PATH, Scripts } from './scripts';
import { readCall, splitPath, UpstreamCall } from './upstream-call';

export interface SandboxOptions {
  /** 0 = a free one. */
  readonly port?: number;
  /** Between two pieces of a model's answer; scripts have their own. */
  readonly paceMs?: number;
  /** Every call is appended here, one JSON line at its arrival and one at its end. */
  readonly logFile?: string;
  readonly now?: () => number;
}

/** A running sandbox. Each `<url>/<provider>/v1` is a base URL; `<url>/v1` is that of the provider `sandbox`. */
export interface Sandbox {
  readonly url: string;
  readonly port: number;
  readonly scripts: Scripts;
  readonly gate: Gate;
  readonly log: CallLog;
  /** Destroys the sockets of all calls in flight. */
  cutCalls(): void;
  /** Cuts what is in flight and stops. */
  close(): Promise<void>;
}

export const DEFAULT_PACE_MS = 15;
const HOST = '127.0.0.1';
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

async function readText(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** A foreign Host header means that some web page was led to this port by name. */
const isLoopbackHost = (host: string | undefined): boolean =>
  host === undefined || /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);

/** Routes requests to the control paths, the scripts and the models. */
class RequestHandler {
  readonly scripts = new Scripts();
  readonly gate = new Gate();
  readonly log: CallLog;
  readonly players = new Set<Player>();
  readonly #now: () => number;
  readonly #paceMs: number;

  constructor(options: SandboxOptions) {
    this.#now = options.now ?? Date.now;
    this.#paceMs = options.paceMs ?? DEFAULT_PACE_MS;
    this.log = new CallLog(this.#now, options.logFile);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isLoopbackHost(request.headers.host)) return sendJson(response, 403, { error: 'loopback only' });
    const pathname = new URL(request.url ?? '/', `http://${HOST}`).pathname;
    const body = await readText(request);
    if (body === null) return sendJson(response, 413, { error: 'the body is larger than 64 MiB' });
    const answer = control(this, `${request.method} ${pathname}`, body);
    if (answer !== null) return sendJson(response, answer.status, answer.body);
    const place = splitPath(pathname);
    if (place === null) return sendJson(response, 404, { error: `no such path: ${pathname}` });
    await this.#answer(request, response, readCall(place, body));
  }

  /** A POST is a call and is logged; a GET (a model list) is none. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    upstreamCall: UpstreamCall,
  ): Promise<void> {
    const reply = this.scripts.take(upstreamCall);
    if (request.method !== 'POST' && reply === null) {
      const isList = upstreamCall.path === '/v1/models';
      return sendJson(response, isList ? 200 : 404, isList ? modelList() : { error: 'no such path' });
    }
    const log = request.method === 'POST' ? this.log : new CallLog(this.#now);
    const call = log.open(upstreamCall, {
      authorized: request.headers.authorization !== undefined,
      userAgent: request.headers['user-agent'] ?? null,
      scripted: reply !== null,
    });
    const stamp = {
      id: `chatcmpl-sandbox-${call.seq}`,
      createdSeconds: Math.floor(call.receivedAt / 1000),
    };
    const delivery =
      reply === null ? this.#modelAnswer(upstreamCall, stamp) : scriptedDelivery(reply, upstreamCall, stamp);
    const { gate } = this;
    const player = new Player({ response, call, log, gate, now: this.#now }, delivery);
    this.players.add(player);
    await player.play().finally(() => this.players.delete(player));
  }

  #modelAnswer(call: UpstreamCall, stamp: { id: string; createdSeconds: number }): Delivery {
    if (call.path !== CHAT_PATH) return refusal(404, `The sandbox serves ${CHAT_PATH}, not ${call.path}.`);
    if (call.lastUserText === null)
      return refusal(400, 'messages must hold a user message.', 'invalid_messages');
    const model = modelFor(call);
    if (model === null) {
      const message = `The sandbox has no model "${call.model ?? ''}"; it has echo and reviewer.`;
      return refusal(404, message, 'model_not_found');
    }
    const answer = model.answer({ ...call, lastUserText: call.lastUserText });
    const options = { stamp, paceMs: this.#paceMs };
    return typeof answer === 'string'
      ? modelDelivery(call, answer, options)
      : callDelivery(call, answer, options);
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Starts a sandbox on 127.0.0.1. Rejects with the socket's own error when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const handler = new RequestHandler(options);
  const server = createServer((request, response) => {
    // A fault of the sandbox must look like a broken upstream, and say why to whoever started it.
    handler.handle(request, response).catch((error: unknown) => {
      if (!response.destroyed) process.stderr.write(`sandbox: ${String(error)}\n`);
      response.destroy();
    });
  });
  // An idle connection that the server closes in the moment of its reuse would be a network error of its own making.
  server.keepAliveTimeout = 0;
  const port = await listen(server, options.port ?? 0);
  const { scripts, gate, log } = handler;
  const cutCalls = (): void => [...handler.players].forEach((player) => player.cut());
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    cutCalls();
    server.closeAllConnections();
    await closed;
    log.close();
  };
  return { url: `http://${HOST}:${port}`, port, scripts, gate, log, cutCalls, close };
}
