import { Global, Inject, Module, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Metrics } from './metrics';
import { ProcessGauges } from './process-gauges';

/** One `Metrics` for the whole process. An app imports it once. */
@Global()
@Module({
  providers: [
    { provide: Metrics, useFactory: () => new Metrics() },
    {
      provide: ProcessGauges,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new ProcessGauges(metrics),
    },
  ],
  exports: [Metrics],
})
export class MetricsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(ProcessGauges) private readonly gauges: ProcessGauges) {}

  onApplicationBootstrap(): void {
    this.gauges.start();
  }

  onApplicationShutdown(): void {
    this.gauges.stop();
  }
}
