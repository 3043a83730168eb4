import { IncomingMessage, Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ErrorCode, GatewayError } from '@longhaul/contract';
import { headersOfAll } from './headers';
import { logUnrouted } from './logging';
import { problemOf } from './problem';
import { makeRequestId } from './request-id';

/** A client that is still writing when its connection is closed may never read why. */
const LINGER_MS = 500;

/**
 * Answers what Node refuses before Fastify learns of it: broken HTTP, oversized headers, a request that does not
 * arrive, CONNECT, an `Expect` that nobody knows. Node's own answers have no body, and Fastify's may come in the
 * middle of another answer on the same connection.
 */
export function answerBelowFastify(server: Server): void {
  const connections = new Connections();
  server.prependListener('request', (request, response) => connections.began(request, response));
  server.on('clientError', (error: ClientError, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) socket.destroy();
    else connections.refuse(socket, { error: refusalOf(error), isHead: isHead(error) });
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    const words = 'CONNECT is not for this server; it takes GET, HEAD, POST and DELETE.';
    const error = new GatewayError('method_not_allowed', words);
    connections.refuse(socket, { error, isHead: false, request });
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const words = 'The only `Expect` that is known here is `100-continue`.';
    const at = place();
    const { status, headers, body } = problemOf(new GatewayError('malformed_request', words), at);
    const text = JSON.stringify(body);
    const length = { 'content-length': Buffer.byteLength(text), connection: 'close' };
    response.writeHead(status, { ...headersOfAll(at.requestId), ...headers, ...length });
    response.end(text);
    logUnrouted({ requestId: at.requestId, status, request });
  });
}

const REFUSALS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are larger than 16 KB together. Send fewer.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['malformed_request', 'The chunk extensions are too long. Send none.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive whole in time. Send it again.'],
};

function refusalOf({ code = '' }: NodeJS.ErrnoException): GatewayError {
  const [ours, words] = REFUSALS[code] ?? [];
  if (ours !== undefined && words !== undefined) return new GatewayError(ours, words);
  return new GatewayError('malformed_request', 'This is no request in HTTP/1.1 that can be read.');
}

interface ClientError extends NodeJS.ErrnoException {
  /** The bytes that Node could not read on from. */
  readonly rawPacket?: Buffer;
}

interface Refusal {
  readonly error: GatewayError;
  readonly isHead: boolean;
  /** What could be read of it. */
  readonly request?: IncomingMessage;
}

/** Its client takes no body: it would read one as the answer to its next request. */
const isHead = ({ rawPacket }: ClientError): boolean =>
  rawPacket?.subarray(0, 5).toString('latin1') === 'HEAD ';

/** Which requests of a connection still wait for their answers. */
class Connections {
  readonly #pending = new WeakMap<Duplex, Set<IncomingMessage>>();
  readonly #answers = new WeakMap<IncomingMessage, ServerResponse>();
  readonly #refused = new WeakMap<Duplex, Refusal>();

  began(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const pending = this.#pending.get(socket) ?? new Set();
    this.#pending.set(socket, pending.add(request));
    this.#answers.set(request, response);
    response.once('close', () => {
      pending.delete(request);
      const refusal = this.#refused.get(socket);
      if (refusal !== undefined && pending.size === 0) send(socket, refusal);
    });
  }

  /** Once per connection: the rest of what comes cannot be read either. */
  refuse(socket: Duplex, refusal: Refusal): void {
    if (this.#refused.has(socket)) return;
    this.#refused.set(socket, refusal);
    const [first, ...others] = this.#pending.get(socket) ?? [];
    if (first === undefined) send(socket, refusal);
    // The request whose body broke is answered now. Whole ones before it are answered first, in their order.
    else if (!first.complete && others.length === 0) {
      if (this.#answers.get(first)?.headersSent === true) socket.destroy();
      else send(socket, { ...refusal, request: first });
    }
  }
}

const place = (): { instance: string; requestId: string } => ({ instance: '/', requestId: makeRequestId() });

function send(socket: Duplex, { error, isHead: isBare, request }: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const at = place();
  const { status, headers, body } = problemOf(error, at);
  const text = JSON.stringify(body);
  const all = {
    ...headersOfAll(at.requestId),
    ...headers,
    ...(error.code === 'method_not_allowed' ? { allow: 'GET, HEAD, POST, DELETE' } : {}),
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${head.join('')}\r\n${isBare ? '' : text}`,
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  logUnrouted({ requestId: at.requestId, status, ...(request === undefined ? {} : { request }) });
}
