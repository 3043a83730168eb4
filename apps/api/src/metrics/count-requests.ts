import { Metrics } from '@longhaul/metrics';
import type { FastifyInstance } from 'fastify';
import { patternOf } from '../http/route-pattern';

/** What no route takes may have any path and many methods; it shares these labels. */
const UNMATCHED = { method: 'any', route: 'unmatched' };

/** Counts every answer under the pattern of its route, never under its path, which holds ids. */
export function countRequests(fastify: FastifyInstance, metrics: Metrics): void {
  const tallies = new Map<string, Map<string, () => void>>();
  fastify.addHook('onResponse', (request, reply, done) => {
    const pattern = patternOf(request);
    const labels = pattern === undefined ? UNMATCHED : { method: request.method, route: pattern };
    const ofRoute = tallies.get(labels.route) ?? new Map<string, () => void>();
    const status = String(reply.statusCode);
    const key = `${labels.method} ${status}`;
    const tally = ofRoute.get(key) ?? metrics.tally('longhaul_http_requests_total', { ...labels, status });
    tallies.set(labels.route, ofRoute.set(key, tally));
    tally();
    metrics.observe('longhaul_http_request_seconds', labels, reply.elapsedTime / 1000);
    done();
  });
}
