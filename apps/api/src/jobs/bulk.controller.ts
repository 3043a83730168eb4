import { Controller, HttpCode, HttpStatus, Inject, Logger, Post, Req } from '@nestjs/common';
import { GatewayError, JobView } from '@longhaul/contract';
import { BulkOutcome, BulkService } from '@longhaul/jobs';
import { Caller } from '../http/callers/caller';
import { problemOf, ProblemPlace } from '../http/problem';
import { readBulk } from './bulk.dto';
import { ListRequest } from './job-answers';
import { checkNoQuery } from './job-query';

/** What became of one job of the list. */
export interface OutcomeView {
  readonly object: 'job.outcome';
  /** Its place in the list, from 0. */
  readonly index: number;
  /** 202 = accepted, 200 = the job of an earlier request, else the status that `error` has. */
  readonly status: number;
  readonly job: JobView | null;
  readonly error: Readonly<Record<string, unknown>> | null;
}

/** One outcome for each job that was sent, in their order. */
export interface BulkAnswer {
  readonly object: 'list';
  readonly data: readonly OutcomeView[];
  readonly accepted: number;
  readonly replayed: number;
  readonly refused: number;
}

/** Takes many jobs in one request. Knows headers and statuses; accepting them is the jobs library's. */
@Controller('v1/jobs/bulk')
export class BulkController {
  readonly #logger = new Logger(BulkController.name);

  constructor(@Inject(BulkService) private readonly bulk: BulkService) {}

  @Post()
  @HttpCode(HttpStatus.OK)
  async create(@Req() request: ListRequest, @Caller() caller: string): Promise<BulkAnswer> {
    checkNoQuery(request.query);
    const items = readBulk(request.body, request.headers['idempotency-key']);
    const outcomes = await this.bulk.submit(items, caller);
    const place = { instance: '/v1/jobs/bulk', requestId: request.id };
    const data = outcomes.map((outcome, index) => this.view(outcome, index, place));
    const count = (matches: (status: number) => boolean): number =>
      data.filter(({ status }) => matches(status)).length;
    return {
      object: 'list',
      data,
      accepted: count((status) => status === Number(HttpStatus.ACCEPTED)),
      replayed: count((status) => status === Number(HttpStatus.OK)),
      refused: count((status) => status >= Number(HttpStatus.BAD_REQUEST)),
    };
  }

  private view(outcome: BulkOutcome, index: number, place: ProblemPlace): OutcomeView {
    const about = { object: 'job.outcome', index } as const;
    if (!(outcome instanceof GatewayError)) {
      const status = outcome.replayed ? HttpStatus.OK : HttpStatus.ACCEPTED;
      return { ...about, status, job: outcome.job, error: null };
    }
    if (outcome.code === 'internal') this.#report(outcome, index, place);
    const { status, body } = problemOf(outcome, place);
    return { ...about, status, job: null, error: withoutCandidates(body) };
  }

  #report({ cause }: GatewayError, index: number, { requestId }: ProblemPlace): void {
    const { message, stack } = cause instanceof Error ? cause : new Error('a throwable that is no Error');
    this.#logger.error(
      { requestId, err: { message, stack } },
      `Job ${String(index)} of request ${requestId} ended in a fault`,
    );
  }
}

/** A thousand times each model of the catalogue with its reason would be larger than any body; an explanation has them. */
const withoutCandidates = (body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'candidates'));
