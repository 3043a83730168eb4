import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Params } from 'nestjs-pino';
import { SECRET_LOG_PATHS, Settings } from '@longhaul/settings';
import { pathOf } from './error.filter';
import { patternOf } from './route-pattern';

/**
 * JSON lines. The server writes one line per answer itself: refusals never reach a middleware. So nestjs-pino's own is
 * bound to no route, which also leaves Node's async hooks asleep.
 */
export function logging(level: Settings['logLevel']): Params {
  return {
    forRoutes: [],
    pinoHttp: { level, redact: { paths: [...SECRET_LOG_PATHS], censor: '[redacted]' } },
  };
}

const UNMATCHED = 'unmatched';
const MAX_PATH_SHOWN = 200;

/** What the router has not seen: without it, the request id of such an answer would stand in no log. */
export interface Unrouted {
  readonly requestId: string;
  readonly status: number;
  /** Absent when not even its first line could be read. */
  readonly request?: Pick<IncomingMessage, 'method' | 'url'>;
}

export function logUnrouted({ requestId, status, request: { method, url } = {} }: Unrouted): void {
  const what = method === undefined ? 'A request that cannot be read' : `${method} ${shownPath(url ?? '')}`;
  const line = { ...(method === undefined ? {} : { method }), route: UNMATCHED, status };
  new Logger('Http').log({ msg: `${what} ${status}`, requestId, ...line });
}

/** What a proxy would be sent (`http://name:password@host/`, or that of CONNECT) comes here too by mistake. */
const USER_INFO = /^([a-z]+:\/\/)?[^/]*@/i;

const shownPath = (url: string): string => pathOf(url).replace(USER_INFO, '$1').slice(0, MAX_PATH_SHOWN);

/** One line per answer: never headers, bodies or queries. Probes are left out, they come every second. */
export function logAnswers(fastify: FastifyInstance): void {
  const logger = new Logger('Http');
  const quiet = new Set(['/healthz', '/readyz', '/metrics']);
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = patternOf(request) ?? UNMATCHED;
    const { method } = request;
    const status = reply.statusCode;
    if (!quiet.has(route)) {
      const line = { method, route, status, totalMs: Math.round(reply.elapsedTime) };
      const msg = `${method} ${shownPath(request.url)} ${status}`;
      logger.log({ msg, requestId: request.id, ...line });
    }
    done();
  });
}
