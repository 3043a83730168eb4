import { Controller, Get, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { validateShape } from '@longhaul/contract';
import { ConfigChanges, ConfigPageView, ConfigVersionView } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../http/callers/caller';
import { Query, refuseOthers } from '../http/query';
import { ConfigRollbackDto, readConfigChange } from './config-change.dto';
import { namingField } from './config-faults';
import { readHistoryPage, versionOf } from './config-query';

type ConfigRequest = FastifyRequest<{ Querystring: Query; Params: { version?: string } }>;

/** The overrides of the configuration: change, history, rollback. */
@Controller('v1/admin/config')
export class ConfigAdminController {
  constructor(@Inject(ConfigChanges) private readonly changes: ConfigChanges) {}

  @Post()
  @HttpCode(HttpStatus.OK)
  async change(
    @Req() request: ConfigRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() author: string,
  ): Promise<ConfigVersionView> {
    refuseOthers(request.query, []);
    const { change, reason, isDryRun } = readConfigChange(request.body);
    const wish = { author, reason };
    const done = isDryRun ? this.changes.rehearse(change, wish) : this.changes.change(change, wish);
    const version = await done.catch((thrown: unknown) => {
      throw namingField(thrown, change);
    });
    reply.header('cache-control', 'no-store');
    return version;
  }

  @Post('rollback')
  @HttpCode(HttpStatus.OK)
  async rollback(
    @Req() request: ConfigRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() author: string,
  ): Promise<ConfigVersionView> {
    refuseOthers(request.query, []);
    const { version, reason } = validateShape(ConfigRollbackDto, request.body ?? {});
    const written = await this.changes.rollback(version, { author, reason });
    reply.header('cache-control', 'no-store');
    return written;
  }

  @Get()
  async history(
    @Req() request: ConfigRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConfigPageView> {
    const page = await this.changes.history(readHistoryPage(request.query));
    reply.header('cache-control', 'no-store');
    return page;
  }

  @Get(':version')
  async find(
    @Req() request: ConfigRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConfigVersionView> {
    refuseOthers(request.query, []);
    const version = await this.changes.find(versionOf(request.params.version ?? ''));
    reply.header('cache-control', 'no-store');
    return version;
  }
}
