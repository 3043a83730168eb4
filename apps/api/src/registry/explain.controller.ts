import { Controller, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteExplainer, RouteExplanation } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';
import { readQuestion } from './explain.dto';

type ExplainRequest = FastifyRequest<{ Querystring: Query }>;

/** Where a job would run, and why. Makes nothing, so `Idempotency-Key` and `Prefer` mean nothing here. */
@Controller('v1/routes')
export class ExplainController {
  constructor(@Inject(RouteExplainer) private readonly explainer: RouteExplainer) {}

  @Post('explain')
  @HttpCode(HttpStatus.OK)
  async explain(
    @Req() request: ExplainRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RouteExplanation> {
    refuseOthers(request.query, []);
    const { submission, assumed } = readQuestion(request.body);
    const explanation = await this.explainer.explain(submission, assumed);
    reply.header('cache-control', 'no-store');
    return explanation;
  }
}
