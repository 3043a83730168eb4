import { Controller, HttpCode, HttpStatus, Inject, Post, Req } from '@nestjs/common';
import { RouteExplainer, RouteExplanation } from '@longhaul/jobs';
import type { FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';
import { readQuestion } from './explain.dto';

type ExplainRequest = FastifyRequest<{ Querystring: Query }>;

/** Where a job would run, and why. Makes nothing, so `Idempotency-Key` and `Prefer` mean nothing here. */
@Controller('v1/routes')
export class ExplainController {
  constructor(@Inject(RouteExplainer) private readonly explainer: RouteExplainer) {}

  @Post('explain')
  @HttpCode(HttpStatus.OK)
  async explain(@Req() request: ExplainRequest): Promise<RouteExplanation> {
    refuseOthers(request.query, []);
    const { submission, assumed } = readQuestion(request.body);
    return this.explainer.explain(submission, assumed);
  }
}
