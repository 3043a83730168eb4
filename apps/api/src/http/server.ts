import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { GatewayError } from '@longhaul/contract';
import { CallersGuard } from './callers/callers.guard';
import { guardBodies, hasBody } from './body-gate';
import { rememberCaller } from './callers/caller';
import { pathOf, sendProblem } from './error.filter';
import { listOf } from './faulty-item';
import { NOTHING_HERE, toGatewayError } from './framework-errors';
import { headersOfAll } from './headers';
import { readJsonBody } from './json-body';
import { logAnswers, logUnrouted } from './logging';
import { answerBelowFastify } from './raw-answers';
import { requestIdOf } from './request-id';
import { patternOf, rememberPattern } from './route-pattern';
import { routeName, RouteTable } from './route-table';

export interface ServerOptions {
  readonly bodyLimitBytes: number;
  readonly guard: CallersGuard;
  readonly requestTimeoutMs?: number;
}

/** Time to receive a whole request; ends slow-loris connections. Answers may take longer. */
const REQUEST_TIMEOUT_MS = 120_000;
const HEADERS_TIMEOUT_MS = 60_000;
const TIMEOUT_CHECK_MS = 30_000;
/** Others get their turn between the reading of such a body and what is done with it: each takes up to 100 ms. */
const LARGE_BODY_BYTES = 256 * 1024;

/**
 * The HTTP server below Nest. What must happen before a body is read (request id, unknown path, caller) happens
 * in its first hook; whatever is thrown here ends in the error filter.
 */
export function createServer(options: ServerOptions): FastifyAdapter {
  const { bodyLimitBytes, guard, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    http: {
      // Node's own answer to a missing Host has no body; the first hook gives ours.
      requireHostHeader: false,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, requestTimeoutMs),
    },
    // It stands in `answerBelowFastify`, which knows what else is under way on the connection.
    clientErrorHandler: () => undefined,
    trustProxy: false,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers),
    // A shutdown answers what came in before the sockets closed; the stores below are still up then.
    return503OnClosing: false,
    frameworkErrors: answerUnroutable,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  const routes = new RouteTable();
  answerBelowFastify(fastify.server);
  fastify.addHook('onRoute', (route) => routes.add(route.url, route.method));
  receive(fastify, guard, routes);
  guardBodies(fastify, bodyLimitBytes);
  acceptJsonOnly(fastify);
  logAnswers(fastify);
  closeAfterLastAnswer(fastify);
  fastify.addHook('onReady', (done) => done(gapIn(routes, guard)));
  return adapter;
}

function receive(fastify: FastifyInstance, guard: CallersGuard, routes: RouteTable): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(headersOfAll(request.id));
    const pattern = request.is404 ? undefined : request.routeOptions.url;
    if (pattern !== undefined) rememberPattern(request, pattern);
    const hosts = hostsOf(request.raw.rawHeaders);
    if (hosts > 1 || (hosts === 0 && request.raw.httpVersion === '1.1')) {
      const words = `HTTP/1.1 needs one Host header; the request has ${hosts === 0 ? 'none' : 'several'}.`;
      done(new GatewayError('malformed_request', words));
      return;
    }
    if (pattern === undefined) {
      const allowed = routes.methodsOf(pathOf(request.url));
      if (allowed.length > 0) reply.header('allow', allowed.join(', '));
      done(allowed.length === 0 ? nothingHere() : wrongMethod(request.method, allowed));
      return;
    }
    try {
      rememberCaller(request, guard.admit(routeName(request.method, pattern), request.headers));
      done();
    } catch (error) {
      done(GatewayError.from(error));
    }
  });
}

/** Node drops all Host lines but the first; whoever stands before us may have gone by another (RFC 9112 §3.2). */
function hostsOf(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** What the router cannot even match never meets the hooks and the filter. */
function answerUnroutable(
  error: Error,
  { id, raw }: { id: string; raw: IncomingMessage },
  reply: unknown,
): void {
  // Nest brings a Fastify of its own, whose types differ from ours in name alone.
  const answer = reply as FastifyReply;
  // Its body is not read: the connection would stay open for as long as the client sends.
  if (hasBody(raw)) answer.header('connection', 'close');
  const refusal = toGatewayError(error);
  sendProblem(answer, refusal, { instance: '/', requestId: id });
  logUnrouted({ requestId: id, status: refusal.row.status, request: raw });
}

const nothingHere = (): GatewayError => new GatewayError(...NOTHING_HERE);

const wrongMethod = (method: string, allowed: readonly string[]): GatewayError =>
  new GatewayError('method_not_allowed', `${method} is not for this path; it takes ${allowed.join(', ')}.`);

function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const encoding = request.headers['content-encoding'] ?? 'identity';
      if (encoding !== 'identity') {
        throw new GatewayError(
          'unsupported_media_type',
          'The body must not be compressed. Send it as it is.',
        );
      }
      const value = readJsonBody(Buffer.from(body), listOf(patternOf(request)));
      if (body.length < LARGE_BODY_BYTES) done(null, value);
      else setImmediate(() => done(null, value));
    } catch (error) {
      done(GatewayError.from(error));
    }
  });
}

/**
 * A closing server ends idle connections once, at the start. One whose answer comes later would stay open for
 * its keep-alive time, and the process with it.
 */
function closeAfterLastAnswer(fastify: FastifyInstance): void {
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  fastify.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  fastify.addHook('onResponse', (_request, _reply, done) => {
    if (isClosing) setImmediate(() => fastify.server.closeIdleConnections());
    done();
  });
}

function gapIn(routes: RouteTable, guard: CallersGuard): Error | undefined {
  const gaps = guard.uncovered(routes.names());
  if (gaps.length === 0) return undefined;
  return new GatewayError(
    'config_rejected',
    `No scope is given to ${gaps.join(', ')}. Add each to ROUTE_SCOPES in apps/api/src/http/callers/scopes.ts.`,
  );
}
