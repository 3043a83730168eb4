import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ProviderOverview, ProviderView } from '@longhaul/jobs';
import type { FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';

type ProviderRequest = FastifyRequest<{ Querystring: Query; Params: { name: string } }>;

/** Whom Longhaul calls, and how each is: for whoever runs it. */
@Controller('v1/providers')
export class ProvidersController {
  constructor(@Inject(ProviderOverview) private readonly overview: ProviderOverview) {}

  @Get()
  async list(@Req() request: ProviderRequest): Promise<{ object: 'list'; data: readonly ProviderView[] }> {
    refuseOthers(request.query, []);
    return { object: 'list', data: await this.overview.list() };
  }

  @Get(':name')
  async find(@Req() request: ProviderRequest): Promise<ProviderView> {
    refuseOthers(request.query, []);
    return this.overview.find(request.params.name);
  }
}
