import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ProviderOverview, ProviderView } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';

type ProviderRequest = FastifyRequest<{ Querystring: Query; Params: { name: string } }>;

/** Whom Longhaul calls, and how each is: for whoever runs it. */
@Controller('v1/providers')
export class ProvidersController {
  constructor(@Inject(ProviderOverview) private readonly overview: ProviderOverview) {}

  @Get()
  async list(
    @Req() request: ProviderRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ object: 'list'; data: readonly ProviderView[] }> {
    refuseOthers(request.query, []);
    const data = await this.overview.list();
    reply.header('cache-control', 'no-store');
    return { object: 'list', data };
  }

  @Get(':name')
  async find(
    @Req() request: ProviderRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProviderView> {
    refuseOthers(request.query, []);
    const provider = await this.overview.find(request.params.name);
    reply.header('cache-control', 'no-store');
    return provider;
  }
}
