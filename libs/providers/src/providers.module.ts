import { CrashSwitch } from '@longhaul/contract';
import { SETTINGS, Settings } from '@longhaul/settings';
import { Inject, Module, OnApplicationShutdown } from '@nestjs/common';
import { ProviderCatalogue } from './catalogue';
import { FreeCalls } from './free-calls';
import { HttpClient } from './http';
import { ModelLists } from './model-lists';
import { ModelResidence } from './model-residence';

/** Wires the upstreams. Needs the SETTINGS token from a global module. */
@Module({
  providers: [
    {
      provide: HttpClient,
      inject: [SETTINGS],
      useFactory: ({ providers, crashPoint }: Settings) =>
        new HttpClient({
          connectLimitMs: Math.max(1, ...providers.map(({ connectMs }) => connectMs)),
          crash: CrashSwitch.of(crashPoint),
        }),
    },
    {
      provide: ProviderCatalogue,
      inject: [SETTINGS, HttpClient],
      useFactory: (settings: Settings, http: HttpClient) => new ProviderCatalogue(settings, http),
    },
    { provide: FreeCalls, inject: [HttpClient], useFactory: (http: HttpClient) => new FreeCalls(http) },
    { provide: ModelLists, inject: [HttpClient], useFactory: (http: HttpClient) => new ModelLists(http) },
    {
      provide: ModelResidence,
      inject: [HttpClient],
      useFactory: (http: HttpClient) => new ModelResidence(http),
    },
  ],
  exports: [ProviderCatalogue, ModelLists, FreeCalls, ModelResidence],
})
export class ProvidersModule implements OnApplicationShutdown {
  constructor(@Inject(HttpClient) private readonly http: HttpClient) {}

  /** After the drain, which is over by then: what is still open is cut. */
  async onApplicationShutdown(): Promise<void> {
    await this.http.close();
  }
}
