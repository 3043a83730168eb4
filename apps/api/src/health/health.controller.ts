import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** What readiness asks: the jobs library, below the door. */
export interface ReadinessPort {
  readiness(): Promise<{
    readonly ready: boolean;
    readonly degraded: boolean;
    readonly checks: Readonly<Record<string, string>>;
  }>;
}

/** Injection token of the ReadinessPort. */
export const READINESS = Symbol('READINESS');

/** For probes: outside versions and scopes. */
@Controller()
export class HealthController {
  constructor(@Inject(READINESS) private readonly port: ReadinessPort) {}

  /** The process is up. Says nothing of its stores, so that a store's outage restarts no process. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether this process can accept work now. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { ready, degraded, checks } = await this.port.readiness();
    reply.status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? (degraded ? 'degraded' : 'ready') : 'not_ready', checks };
  }
}
