import { Controller, Get, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { validateShape } from '@longhaul/contract';
import { ConfigChanges, ReloadReport } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../http/callers/caller';
import { Query, refuseOthers } from '../http/query';
import { RegistryReloadDto } from './config-change.dto';
import { RegistrySnapshot, RegistrySnapshots } from './registry-snapshot';

type RegistryRequest = FastifyRequest<{ Querystring: Query }>;

/** The registry as a whole: what it holds, and that it is to be read anew. */
@Controller('v1')
export class RegistryAdminController {
  constructor(
    @Inject(ConfigChanges) private readonly changes: ConfigChanges,
    @Inject(RegistrySnapshots) private readonly snapshots: RegistrySnapshots,
  ) {}

  @Post('admin/registry/reload')
  @HttpCode(HttpStatus.OK)
  async reload(
    @Req() request: RegistryRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() author: string,
  ): Promise<ReloadReport> {
    refuseOthers(request.query, []);
    const { reason } = validateShape(RegistryReloadDto, request.body ?? {});
    const report = await this.changes.reload({ author, reason: reason ?? 'The files were read anew.' });
    reply.header('cache-control', 'no-store');
    return report;
  }

  @Get('registry/snapshot')
  snapshot(
    @Req() request: RegistryRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): RegistrySnapshot {
    refuseOthers(request.query, []);
    reply.header('cache-control', 'no-store');
    return this.snapshots.now();
  }
}
