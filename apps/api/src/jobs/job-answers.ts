import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { GatewayError, hasEnded } from '@longhaul/contract';
import { Include, JobAnswer, JobReader } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isKnown } from '../http/etag';
import { Query } from '../http/query';
import { JobQuery } from './job-query';
import { LongPolls } from './long-poll';
import { etagOf, headerText, pollAfterSeconds, represent, resultHeaders } from './representation';

export type ListRequest = FastifyRequest<{ Querystring: Query }>;
export type JobRequest = FastifyRequest<{ Querystring: Query; Params: { id: string } }>;

/** Ids are ours; anything else is no job, and need not trouble PostgreSQL (which refuses NUL). */
const ID = /^[\w-]{1,64}$/;

/** A job is its caller's, and may change: caches keep nothing without asking. */
export const PRIVATE = 'private, no-cache';

/** Of an answer that is a part of a job. */
export const partHeaders = (jobId: string): Record<string, string> => ({
  'cache-control': PRIVATE,
  'x-gateway-job-id': jobId,
});

/** How a job is looked at and shown over HTTP: waits, headers, validators. */
@Injectable()
export class JobAnswers {
  constructor(
    @Inject(JobReader) private readonly reader: JobReader,
    @Inject(LongPolls) private readonly polls: LongPolls,
  ) {}

  /** The job as asked for, at once or when it has ended. A shutdown ends the wait, not the answer. */
  async look(id: string, caller: string, asked: { wait: JobQuery; reply: FastifyReply }): Promise<JobAnswer> {
    const { include, waitMs } = asked.wait;
    if (waitMs === null) return this.reader.find(id, caller, include);
    return this.polls.during(asked.reply, (signal) =>
      this.reader.waitForEnd(id, caller, { waitMs, signal, include }),
    );
  }

  /**
   * The same, unless the caller's tag says that it has the job as it stands. That is told by one read with nothing
   * heavy in it, which is enough of an answer when nothing heavy was asked for.
   */
  async lookUnlessKnown(
    id: string,
    caller: string,
    asked: { wait: JobQuery; reply: FastifyReply; ifNoneMatch: string | undefined },
  ): Promise<{ job: JobAnswer; known: boolean }> {
    const { ifNoneMatch } = asked;
    const { include, waitMs } = asked.wait;
    if (waitMs === null && ifNoneMatch !== undefined) {
      const job = await this.reader.find(id, caller, []);
      const known = isKnown(etagOf(job, include), ifNoneMatch);
      if (known || include.length === 0) return { job, known };
    }
    const job = await this.look(id, caller, asked);
    return { job, known: ifNoneMatch !== undefined && isKnown(etagOf(job, include), ifNoneMatch) };
  }

  /** Sets the headers of a job's answer and returns its text. */
  show(job: JobAnswer, reply: FastifyReply, include: readonly Include[] = []): string {
    const { text, etag } = represent(job, include);
    this.head(job, reply, etag);
    reply.header('content-type', 'application/json; charset=utf-8');
    return text;
  }

  /** Answers 304: the headers of the job, and no text. */
  showKnown(job: JobAnswer, reply: FastifyReply, include: readonly Include[]): undefined {
    this.head(job, reply, etagOf(job, include));
    reply.status(HttpStatus.NOT_MODIFIED);
  }

  private head(job: JobAnswer, reply: FastifyReply, etag: string): void {
    reply.headers({ etag, ...partHeaders(job.id) });
    if (hasEnded(job.status)) reply.headers(resultHeaders(job));
    if (job.warnings !== undefined) reply.header('x-gateway-warning', headerText(job.warnings.join(' ')));
    const pauseSeconds = pollAfterSeconds(job, Date.now());
    if (pauseSeconds !== null) reply.header('retry-after', String(pauseSeconds));
  }
}

/** The id in a path. @throws GatewayError not_found when it cannot be one */
export function idOf(request: JobRequest): string {
  const { id } = request.params;
  if (ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no such job. Its id is in the answer that accepted it.');
}
