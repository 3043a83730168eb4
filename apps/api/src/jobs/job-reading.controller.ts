import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { JobReader } from '@longhaul/jobs';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/callers/caller';
import { idOf, JobAnswers, JobRequest } from './job-answers';
import { checkNoQuery, checkReportFormat, preferredWaitMs, readJobQuery } from './job-query';

/** What callers read of their jobs. */
@Controller('v1/jobs')
export class JobReadingController {
  constructor(
    @Inject(JobReader) private readonly reader: JobReader,
    @Inject(JobAnswers) private readonly answers: JobAnswers,
  ) {}

  @Get(':id')
  async find(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string | undefined> {
    const query = readJobQuery(request.query);
    const waitMs = query.waitMs ?? preferredWaitMs(request.headers.prefer);
    const job = await this.answers.look(idOf(request), caller, { wait: { ...query, waitMs }, reply });
    return this.answers.show(job, reply, request.headers['if-none-match']);
  }

  @Get(':id/attempts')
  async attempts(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<{ object: 'list'; data: Awaited<ReturnType<JobReader['attempts']>> }> {
    checkNoQuery(request.query);
    reply.header('cache-control', 'private, no-cache');
    return { object: 'list', data: await this.reader.attempts(idOf(request), caller) };
  }

  @Get(':id/report')
  async report(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    checkReportFormat(request.query);
    const markdown = await this.reader.report(idOf(request), caller);
    reply.headers({ 'content-type': 'text/markdown; charset=utf-8', 'cache-control': 'private, no-cache' });
    return markdown;
  }
}
