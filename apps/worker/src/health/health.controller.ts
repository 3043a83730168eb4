import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { JobService } from '@longhaul/jobs';
import type { FastifyReply } from 'fastify';

/** A worker's two probes. It takes no other requests. */
@Controller()
export class HealthController {
  constructor(@Inject(JobService) private readonly jobs: JobService) {}

  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { ready, degraded, checks } = await this.jobs.readiness();
    reply.header('cache-control', 'no-store');
    reply.status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? (degraded ? 'degraded' : 'ready') : 'not_ready', checks };
  }
}
