import { Controller, HttpCode, HttpStatus, Inject, Param, Post, Req } from '@nestjs/common';
import { LoadedView, ModelLoading } from '@longhaul/jobs';
import type { FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';
import { readModelName } from './model-name.dto';

type ProviderRequest = FastifyRequest<{ Querystring: Query }>;

/** Tells a server of models which of them to hold ready. A provider that is not there is told of before the body is read. */
@Controller('v1/providers')
export class ModelLoadingController {
  constructor(@Inject(ModelLoading) private readonly loading: ModelLoading) {}

  @Post(':name/load')
  @HttpCode(HttpStatus.OK)
  async load(@Req() { query, body }: ProviderRequest, @Param('name') name: string): Promise<LoadedView> {
    refuseOthers(query, []);
    const provider = this.loading.provider(name);
    return this.loading.load(provider, readModelName(body));
  }

  @Post(':name/unload')
  @HttpCode(HttpStatus.OK)
  async unload(@Req() { query, body }: ProviderRequest, @Param('name') name: string): Promise<LoadedView> {
    refuseOthers(query, []);
    const provider = this.loading.provider(name);
    return this.loading.unload(provider, readModelName(body));
  }
}
