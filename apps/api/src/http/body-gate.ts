import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '@longhaul/contract';
import { tooLarge } from './framework-errors';

/** What is still read from a client that sends on after its refusal, so that it gets to read the answer. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 16 * 1024 * 1024;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const CHARSETS = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;

/**
 * Comes after the hook that knows the caller. Looks at a body's headers before any of it is read: its length, its type, and whether the client waits for a
 * word (`Expect: 100-continue`), which it gets only when nothing is against the body.
 */
export function guardBodies(fastify: FastifyInstance, bodyLimitBytes: number): void {
  const waiting = new WeakSet<IncomingMessage>();
  fastify.server.on('checkContinue', (request: IncomingMessage, response) => {
    waiting.add(request);
    fastify.server.emit('request', request, response);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalOf(request, bodyLimitBytes);
    if (refusal === null && waiting.delete(request.raw)) reply.raw.writeContinue();
    done(refusal ?? undefined);
  });
  fastify.addHook('onSend', async (request, reply, answer) => {
    if (request.raw.complete || !hasBody(request)) return answer;
    // A client that waits for the word may send its body or not: what comes next on this connection is unclear.
    if (waiting.has(request.raw)) reply.header('connection', 'close');
    const length = Number(request.headers['content-length'] ?? Infinity);
    return length <= bodyLimitBytes || typeof answer !== 'string'
      ? answer
      : lingering(request, reply, answer);
  });
}

function refusalOf({ headers }: FastifyRequest, bodyLimitBytes: number): GatewayError | null {
  if (Number(headers['content-length'] ?? 0) > bodyLimitBytes) {
    return tooLarge(bodyLimitBytes);
  }
  const type = headers['content-type'] ?? '';
  const charsets = JSON_TYPE.test(type) ? [...type.matchAll(CHARSETS)] : [];
  if (charsets.some(([, charset = '']) => !/^utf-?8$/i.test(charset))) {
    return new GatewayError('unsupported_media_type', 'JSON is read as UTF-8 and as nothing else.');
  }
  return null;
}

/** True when a body is announced, whether or not it has come. */
export const hasBody = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * The answer to a body that is not read. Closed at once, a client that is still sending would see its connection
 * break and not the answer; read to the end, it could send for ever. So it may send on for a second.
 */
function lingering(request: FastifyRequest, reply: FastifyReply, answer: string): Readable {
  reply.header('connection', 'close').header('content-length', Buffer.byteLength(answer));
  const body = new Readable({ read: () => undefined });
  body.push(answer);
  let left = LINGER_BYTES;
  const timer = setTimeout(end, LINGER_MS);
  const drop = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) end();
  };
  function end(): void {
    clearTimeout(timer);
    request.raw.off('data', drop);
    if (!body.readableEnded && !body.destroyed) body.push(null);
  }
  request.raw.on('data', drop).once('end', end).once('close', end).once('error', end);
  body.once('close', end);
  request.raw.resume();
  return body;
}
