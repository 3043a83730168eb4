import { Controller, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { GatewayError, JobView } from '@longhaul/contract';
import { Accepted, ChatOutput, IdempotencyKey, JobService, Submission } from '@longhaul/jobs';
import { Settings, SETTINGS } from '@longhaul/settings';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/callers/caller';
import { readIdempotencyKey } from '../http/idempotency-key';
import { preferredWaitMs } from '../http/prefer';
import { JobAnswers, ListRequest } from '../jobs/job-answers';
import { checkNoQuery } from '../jobs/job-query';
import { readChat } from './chat.dto';
import { headerText, resultHeaders } from '../jobs/representation';
import { Completion, completionOf, failureOf } from './completion';

/** Submit and wait: a chat job for clients that want the answer of a request in its answer. */
@Controller('v1/chat')
export class ChatController {
  constructor(
    @Inject(JobService) private readonly jobs: JobService,
    @Inject(JobAnswers) private readonly answers: JobAnswers,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post()
  async chat(
    @Req() request: ListRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<Completion | string> {
    checkNoQuery(request.query);
    const { chatWaitMs } = this.settings.clocks;
    const preferredMs = preferredWaitMs(request.headers.prefer, chatWaitMs);
    const waitMs = preferredMs ?? chatWaitMs;
    const { headers, body } = request;
    const idempotency = readIdempotencyKey(headers['idempotency-key'], { route: 'POST /v1/chat', body });
    const submission = readChat(body);
    const { job, replayed } = await this.submit(submission, { caller, idempotency, waitMs });
    reply.headers({ location: job.urls.self, 'x-gateway-job-id': job.id });
    if (replayed) reply.header('idempotent-replayed', 'true');
    if (job.warnings) reply.header('x-gateway-warning', headerText(job.warnings.join(' ')));
    if (preferredMs !== null) reply.header('preference-applied', `wait=${preferredMs / 1000}`);
    // From here on the job is accepted: what goes wrong with the wait must not look like a chat that failed.
    const wait = { include: ['output'] as const, waitMs };
    const shown = await this.answers.look(job.id, caller, { wait, reply }).catch(() => null);
    return this.answer(shown ?? job, reply);
  }

  private answer(job: JobView, reply: FastifyReply): Completion | string {
    const { output, ...rest } = job;
    switch (job.status) {
      case 'completed':
      case 'incomplete':
        // Missing when only the acceptance could be read.
        if (output === undefined) break;
        reply.status(HttpStatus.OK).headers({ ...resultHeaders(job), 'cache-control': 'private, no-cache' });
        return completionOf(job, output as ChatOutput);
      case 'failed':
      case 'cancelled':
        reply.headers(resultHeaders(job));
        throw failureOf(job);
      case 'queued':
      case 'in_progress':
        break;
    }
    reply.status(HttpStatus.ACCEPTED);
    return this.answers.show(rest, reply);
  }

  /** A first request with this key that is being written makes a job to wait for, so it is waited for too. */
  private async submit(
    submission: Submission,
    {
      caller,
      idempotency,
      waitMs,
    }: { caller: string; idempotency: IdempotencyKey | undefined; waitMs: number },
  ): Promise<Accepted> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      try {
        return await this.jobs.submit(submission, caller, idempotency);
      } catch (thrown) {
        const isInFlight = thrown instanceof GatewayError && thrown.code === 'idempotency_in_flight';
        if (!isInFlight || performance.now() >= untilMs) throw thrown;
      }
    }
  }
}
