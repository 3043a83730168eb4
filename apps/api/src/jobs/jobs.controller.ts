import { Controller, Delete, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { hasEnded } from '@longhaul/contract';
import { Accepted, JobService } from '@longhaul/jobs';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/callers/caller';
import { readIdempotencyKey } from '../http/idempotency-key';
import { preferredWaitMs } from '../http/prefer';
import { readSubmission } from './create-job.dto';
import { idOf, JobAnswers, JobRequest, ListRequest } from './job-answers';
import { checkNoQuery, JobQuery, readJobQuery } from './job-query';
import { readRetry } from './retry-job.dto';

/** What callers do with jobs. Knows headers and statuses; what a job is and does is the jobs library's. */
@Controller('v1/jobs')
export class JobsController {
  constructor(
    @Inject(JobService) private readonly jobs: JobService,
    @Inject(JobAnswers) private readonly answers: JobAnswers,
  ) {}

  @Post()
  async create(
    @Req() request: ListRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    const waits = waitsOf(request);
    const idempotency = readIdempotencyKey(request.headers['idempotency-key'], {
      route: 'POST /v1/jobs',
      body: request.body,
    });
    const submission = readSubmission(request.body);
    const accepted = await this.jobs.submit(submission, caller, idempotency);
    return this.answer(accepted, { waits, reply, caller });
  }

  @Post(':id/retry')
  async retry(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    const waits = waitsOf(request);
    const id = idOf(request);
    const idempotency = readIdempotencyKey(request.headers['idempotency-key'], {
      route: 'POST /v1/jobs/:id/retry',
      body: { id, changes: request.body ?? null },
    });
    const changes = readRetry(request.body);
    const accepted = await this.jobs.retry(id, changes, { caller, idempotency });
    return this.answer(accepted, { waits, reply, caller });
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  async cancel(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    checkNoQuery(request.query);
    return this.answers.show(await this.jobs.cancel(idOf(request), caller), reply);
  }

  @Delete(':id')
  async remove(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<RemovedJob> {
    checkNoQuery(request.query);
    const id = idOf(request);
    await this.jobs.remove(id, caller);
    reply.header('x-gateway-job-id', id);
    return { id, object: 'job.deleted', deleted: true };
  }

  /** From here on the job is accepted, and nothing may make the answer say otherwise. */
  private async answer(
    { job, replayed }: Accepted,
    { waits, reply, caller }: { waits: Waits; reply: FastifyReply; caller: string },
  ): Promise<string> {
    const { wait, preferredMs } = waits;
    const isWhole = wait.waitMs === null && wait.include.length === 0;
    const looked = isWhole ? job : await this.answers.look(job.id, caller, { wait, reply }).catch(() => null);
    const seen = looked && job.warnings ? { ...looked, warnings: job.warnings } : looked;
    const ended = wait.waitMs !== null && hasEnded((seen ?? job).status);
    reply.status(ended ? HttpStatus.OK : HttpStatus.ACCEPTED).header('location', job.urls.self);
    if (replayed) reply.header('idempotent-replayed', 'true');
    if (preferredMs !== null) reply.header('preference-applied', `wait=${preferredMs / 1000}`);
    return seen === null ? this.answers.show(job, reply) : this.answers.show(seen, reply, wait.include);
  }
}

/** The answer to a deletion. */
export interface RemovedJob {
  readonly id: string;
  readonly object: 'job.deleted';
  readonly deleted: true;
}

interface Waits {
  readonly wait: JobQuery;
  readonly preferredMs: number | null;
}

function waitsOf(request: ListRequest): Waits {
  const query = readJobQuery(request.query);
  const preferredMs = preferredWaitMs(request.headers.prefer);
  return { wait: { ...query, waitMs: preferredMs ?? query.waitMs }, preferredMs };
}
