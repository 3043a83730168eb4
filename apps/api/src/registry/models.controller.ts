import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';
import { HealthWatch } from '@longhaul/jobs';
import { Listings } from '@longhaul/registry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { taggedView } from '../http/etag';
import { malformed, Query, refuseOthers } from '../http/query';
import { headerText } from '../jobs/representation';
import { passes, readModelFilter } from './model-query';
import { viewMeasured } from './model-view';

type ModelsRequest = FastifyRequest<{ Querystring: Query; Params: { '*'?: string } }>;

/** What can be asked for. */
@Controller('v1/models')
export class ModelsController {
  constructor(
    @Inject(Listings) private readonly listings: Listings,
    @Inject(HealthWatch) private readonly health: HealthWatch,
  ) {}

  @Get()
  list(@Req() request: ModelsRequest, @Res({ passthrough: true }) reply: FastifyReply): string | undefined {
    const { provider, ...filter } = readModelFilter(request.query);
    const name = provider === null ? null : this.providerNamed(provider);
    const data = this.listings
      .models()
      .filter((model) => (name === null || model.provider === name) && passes(model, filter))
      .map((model) => viewMeasured(model, this.health.of(model.name)));
    return taggedView({ object: 'list', data }, request.headers['if-none-match'], reply);
  }

  /** The id is the rest of the path: most of them hold a slash. */
  @Get('*')
  find(@Req() request: ModelsRequest, @Res({ passthrough: true }) reply: FastifyReply): string | undefined {
    refuseOthers(request.query, []);
    const model = this.listings.model(request.params['*'] ?? '');
    if (model.warning !== null) reply.header('x-gateway-warning', headerText(model.warning));
    return taggedView(
      viewMeasured(model, this.health.of(model.name)),
      request.headers['if-none-match'],
      reply,
    );
  }

  /** A filter that names nobody is a mistake, not an empty list. */
  private providerNamed(word: string): string {
    try {
      return this.listings.provider(word).settings.name;
    } catch (thrown) {
      throw malformed('provider', GatewayError.from(thrown).message);
    }
  }
}
