import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { CapabilitiesOverview, CapabilitiesView, ProviderOverview, ProviderView } from '@longhaul/jobs';
import type { FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';
import { yesNo } from './model-query';

type ProviderRequest = FastifyRequest<{ Querystring: Query }>;

/** Whom Longhaul calls, and how each is: for whoever runs it. */
@Controller('v1/providers')
export class ProvidersController {
  constructor(
    @Inject(ProviderOverview) private readonly overview: ProviderOverview,
    @Inject(CapabilitiesOverview) private readonly capabilities: CapabilitiesOverview,
  ) {}

  @Get()
  async list(@Req() request: ProviderRequest): Promise<{ object: 'list'; data: readonly ProviderView[] }> {
    refuseOthers(request.query, []);
    return { object: 'list', data: await this.overview.list() };
  }

  @Get(':name')
  async find(@Req() request: ProviderRequest, @Param('name') name: string): Promise<ProviderView> {
    refuseOthers(request.query, []);
    return this.overview.find(name);
  }

  @Get(':name/capabilities')
  async look(@Req() request: ProviderRequest, @Param('name') name: string): Promise<CapabilitiesView> {
    refuseOthers(request.query, ['live']);
    return this.capabilities.find(name, { live: yesNo(request.query, 'live') ?? false });
  }
}
