import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Metrics } from '@longhaul/metrics';
import type { FastifyReply } from 'fastify';

/** For Prometheus: outside versions and scopes. */
@Controller()
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get('metrics')
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.metrics.text();
    reply.header('content-type', this.metrics.contentType);
    return text;
  }
}
