import { Metrics } from '@longhaul/metrics';
import type { FastifyInstance } from 'fastify';
import { patternOf } from '../http/route-pattern';

/** What no route takes may have any path and many methods; it shares these labels. */
const UNMATCHED = { method: 'any', route: 'unmatched' };

/** Counts every answer under the pattern of its route, never under its path, which holds ids. */
export function countRequests(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const pattern = patternOf(request);
    const labels = pattern === undefined ? UNMATCHED : { method: request.method, route: pattern };
    metrics.count('longhaul_http_requests_total', { ...labels, status: String(reply.statusCode) });
    metrics.observe('longhaul_http_request_seconds', labels, reply.elapsedTime / 1000);
    done();
  });
}
