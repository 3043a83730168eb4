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
      const msg = `${method} ${pathOf(request.url).slice(0, MAX_PATH_SHOWN)} ${status}`;
      logger.log({ msg, requestId: request.id, ...line });
    }
    done();
  });
}
