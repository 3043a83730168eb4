import { Controller, Get, Inject, Req } from '@nestjs/common';
import { Overview, StatusView } from '@longhaul/jobs';
import { findVersion } from '@longhaul/providers';
import type { FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';

const VERSION = findVersion(__dirname);

export interface StatusAnswer extends StatusView {
  readonly version: string;
  /** Of the API process that answers. */
  readonly uptime_s: number;
}

/** How Longhaul is, in words and numbers. */
@Controller('v1/status')
export class StatusController {
  constructor(@Inject(Overview) private readonly overview: Overview) {}

  @Get()
  async status(@Req() request: FastifyRequest<{ Querystring: Query }>): Promise<StatusAnswer> {
    refuseOthers(request.query, []);
    const { object, summary, ...rest } = await this.overview.status();
    return { object, summary, version: VERSION, uptime_s: Math.floor(process.uptime()), ...rest };
  }
}
