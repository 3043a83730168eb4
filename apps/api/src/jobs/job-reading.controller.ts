import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { EventList, JobPage, JobReader } from '@longhaul/jobs';
import type { FastifyReply } from 'fastify';
import { Caller } from '../http/callers/caller';
import { preferredWaitMs } from '../http/prefer';
import { idOf, JobAnswers, JobRequest, ListRequest, partHeaders, PRIVATE } from './job-answers';
import { readEventPage, readJobFilter } from './list-query';
import { checkNoQuery, checkReportFormat, readJobQuery } from './job-query';
import { resultHeaders } from './representation';

const JSON_TYPE = 'application/json; charset=utf-8';
const MARKDOWN_TYPE = 'text/markdown; charset=utf-8';

/** What callers read of their jobs. */
@Controller('v1/jobs')
export class JobReadingController {
  constructor(
    @Inject(JobReader) private readonly reader: JobReader,
    @Inject(JobAnswers) private readonly answers: JobAnswers,
  ) {}

  @Get()
  async list(
    @Req() request: ListRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<JobPage> {
    const page = await this.reader.list(caller, readJobFilter(request.query));
    reply.header('cache-control', PRIVATE);
    return page;
  }

  @Get(':id')
  async find(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string | undefined> {
    const id = idOf(request);
    const query = readJobQuery(request.query);
    const preferredMs = query.waitMs === null ? preferredWaitMs(request.headers.prefer) : null;
    // A HEAD asks what is, not what will be.
    const waitMs = request.method === 'HEAD' ? null : (query.waitMs ?? preferredMs);
    const ifNoneMatch = request.headers['if-none-match'];
    const { include } = query;
    const asked = { wait: { include, waitMs }, reply, ifNoneMatch };
    const { job, known } = await this.answers.lookUnlessKnown(id, caller, asked);
    if (preferredMs !== null && waitMs !== null)
      reply.header('preference-applied', `wait=${preferredMs / 1000}`);
    return known ? this.answers.showKnown(job, reply, include) : this.answers.show(job, reply, include);
  }

  @Get(':id/attempts')
  async attempts(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<{ object: 'list'; data: Awaited<ReturnType<JobReader['attempts']>> }> {
    checkNoQuery(request.query);
    const id = idOf(request);
    const data = await this.reader.attempts(id, caller);
    reply.headers(partHeaders(id));
    return { object: 'list', data };
  }

  @Get(':id/events')
  async events(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<EventList> {
    const id = idOf(request);
    const list = await this.reader.events(id, caller, readEventPage(request.query));
    reply.headers(partHeaders(id));
    return list;
  }

  @Get(':id/output')
  async output(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    checkNoQuery(request.query);
    const { job, content } = await this.reader.output(idOf(request), caller);
    reply.headers({ ...partHeaders(job.id), ...resultHeaders(job), 'content-type': JSON_TYPE });
    return JSON.stringify(content);
  }

  @Get(':id/report')
  async report(
    @Req() request: JobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<string> {
    checkReportFormat(request.query);
    const { job, content } = await this.reader.report(idOf(request), caller);
    reply.headers({ ...partHeaders(job.id), ...resultHeaders(job), 'content-type': MARKDOWN_TYPE });
    return content;
  }
}
