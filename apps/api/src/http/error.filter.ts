import { ArgumentsHost, Catch, ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '@longhaul/contract';
import { toGatewayError } from './framework-errors';
import { headersOfAll } from './headers';
import { problemOf, ProblemPlace } from './problem';

/** The third reader of the error table: turns whatever a request threw into its answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger(ErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // The caller hung up: nobody is left to be told, and it is no fault worth a line.
    if (reply.sent || reply.raw.destroyed) return;
    const error = toGatewayError(thrown, bodyLimitOf(request));
    if (error.code === 'internal') this.#report(error.cause ?? error, request.id);
    sendProblem(reply, error, { instance: pathOf(request.url), requestId: request.id });
  }

  /** Once per fault, with its stack; the caller gets the request id alone. */
  #report(cause: unknown, requestId: string): void {
    const stack = cause instanceof Error ? cause.stack : undefined;
    const message = cause instanceof Error ? cause.message : 'a throwable that is no Error';
    this.#logger.error({ requestId, err: { message, stack } }, `Request ${requestId} ended in a fault`);
  }
}

/** Undefined on a path that no router saw. */
const bodyLimitOf = ({ routeOptions }: FastifyRequest): number | undefined =>
  (routeOptions as FastifyRequest['routeOptions'] | undefined)?.bodyLimit;

/** A query is not repeated to the caller or the log: people put keys into URLs. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '/';

/** With every header: Fastify hands a broken path of an unknown method to the filter before any hook has run. */
export function sendProblem(reply: FastifyReply, error: GatewayError, place: ProblemPlace): void {
  const problem = problemOf(error, place);
  reply
    .status(problem.status)
    .headers({ ...headersOfAll(place.requestId), ...problem.headers })
    .send(JSON.stringify(problem.body));
}
