import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { GatewayError, JobView } from '@longhaul/contract';
import { JobReader } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JobQuery } from './job-query';
import { LongPolls } from './long-poll';
import { isKnown, pollAfterSeconds, represent } from './representation';

export type Query = Readonly<Record<string, unknown>>;
export type ListRequest = FastifyRequest<{ Querystring: Query }>;
export type JobRequest = FastifyRequest<{ Querystring: Query; Params: { id: string } }>;

/** Ids are ours; anything else is no job, and need not trouble PostgreSQL (which refuses NUL). */
const ID = /^[\w-]{1,64}$/;

/** How a job is looked at and shown over HTTP: waits, headers, validators. */
@Injectable()
export class JobAnswers {
  constructor(
    @Inject(JobReader) private readonly reader: JobReader,
    @Inject(LongPolls) private readonly polls: LongPolls,
  ) {}

  /** The job as asked for, at once or when it has ended. A shutdown ends the wait, not the answer. */
  async look(id: string, caller: string, asked: { wait: JobQuery; reply: FastifyReply }): Promise<JobView> {
    const { include, waitMs } = asked.wait;
    if (waitMs === null) return this.reader.find(id, caller, include);
    return this.polls.during(asked.reply, (signal) =>
      this.reader.waitForEnd(id, caller, { waitMs, signal, include }),
    );
  }

  /** Sets the headers of a job's answer and returns its text; undefined = the caller has it already (304). */
  show(job: JobView, reply: FastifyReply, ifNoneMatch?: string): string | undefined {
    const { text, etag } = represent(job.id, job);
    reply.headers({ etag, 'cache-control': 'private, no-cache' });
    const pauseSeconds = pollAfterSeconds(job, Date.now());
    if (pauseSeconds !== null) reply.header('retry-after', String(pauseSeconds));
    if (isKnown(etag, ifNoneMatch)) {
      reply.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    reply.header('content-type', 'application/json; charset=utf-8');
    return text;
  }
}

/** The id in a path. @throws GatewayError not_found when it cannot be one */
export function idOf(request: JobRequest): string {
  const { id } = request.params;
  if (ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no such job. Its id is in the answer that accepted it.');
}
