import { Controller, Get, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { GatewayError, hasEnded, JobView } from '@longhaul/contract';
import { JobService } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../http/callers/caller';
import { readSubmission } from './create-job.dto';
import { readIdempotencyKey } from './idempotency-key';
import { checkNoQuery, checkReportFormat, JobQuery, preferredWaitMs, readJobQuery } from './job-query';
import { LongPolls } from './long-poll';
import { isKnown, pollAfterSeconds, represent } from './representation';

type Query = Readonly<Record<string, unknown>>;
type ListRequest = FastifyRequest<{ Querystring: Query }>;
type JobRequest = FastifyRequest<{ Querystring: Query; Params: { id: string } }>;

/** Ids are ours; anything else is no job, and need not trouble PostgreSQL (which refuses NUL). */
const ID = /^[\w-]{1,64}$/;

/** Jobs over HTTP. Knows headers and statuses; what a job is and does is the jobs library's. */
@Controller('v1/jobs')
export class JobsController {
  constructor(
    @Inject(JobService) private readonly jobs: JobService,
    @Inject(LongPolls) private readonly polls: LongPolls,
  ) {}

  @Post()
  async create(
    @Req() request: ListRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    const query = readJobQuery(request.query);
    const preferredMs = preferredWaitMs(request.headers.prefer);
    const idempotency = readIdempotencyKey(request.headers['idempotency-key'], request.body);
    const submission = readSubmission(request.body);
    const { job, replayed } = await this.jobs.submit(submission, caller, idempotency);

    const wait = { ...query, waitMs: preferredMs ?? query.waitMs };
    // From here on the job is accepted, and nothing may make the answer say otherwise.
    const shown = await this.#look(job.id, caller, { wait, reply }).catch(() => job);
    const ended = wait.waitMs !== null && hasEnded(shown.status);
    reply.status(ended ? HttpStatus.OK : HttpStatus.ACCEPTED).header('location', job.urls.self);
    if (replayed) reply.header('idempotent-replayed', 'true');
    if (preferredMs !== null) reply.header('preference-applied', `wait=${preferredMs / 1000}`);
    return this.#show(shown, reply) ?? '';
  }

  @Get(':id')
  async find(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string | undefined> {
    const query = readJobQuery(request.query);
    const waitMs = query.waitMs ?? preferredWaitMs(request.headers.prefer);
    const job = await this.#look(idOf(request), caller, { wait: { ...query, waitMs }, reply });
    return this.#show(job, reply, request.headers['if-none-match']);
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  async cancel(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    checkNoQuery(request.query);
    return this.#show(await this.jobs.cancel(idOf(request), caller), reply) ?? '';
  }

  @Get(':id/attempts')
  async attempts(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<{ object: 'list'; data: Awaited<ReturnType<JobService['attempts']>> }> {
    checkNoQuery(request.query);
    reply.header('cache-control', 'private, no-cache');
    return { object: 'list', data: await this.jobs.attempts(idOf(request), caller) };
  }

  @Get(':id/report')
  async report(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    checkReportFormat(request.query);
    const markdown = await this.jobs.report(idOf(request), caller);
    reply.headers({ 'content-type': 'text/markdown; charset=utf-8', 'cache-control': 'private, no-cache' });
    return markdown;
  }

  /** The job as asked for, at once or when it has ended. A shutdown ends the wait, not the answer. */
  async #look(id: string, caller: string, asked: { wait: JobQuery; reply: FastifyReply }): Promise<JobView> {
    const { include, waitMs } = asked.wait;
    if (waitMs === null) return this.jobs.find(id, caller, include);
    return this.polls.during(asked.reply, (signal) =>
      this.jobs.waitForEnd(id, caller, { waitMs, signal, include }),
    );
  }

  /** Sets the headers of a job's answer and returns its text; undefined = the caller has it already (304). */
  #show(job: JobView, reply: FastifyReply, ifNoneMatch?: string): string | undefined {
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

function idOf(request: JobRequest): string {
  const { id } = request.params;
  if (ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no such job. Its id is in the answer that accepted it.');
}
