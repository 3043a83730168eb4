import { Provider } from '@nestjs/common';
import { FreeCalls, ModelResidence } from '@longhaul/providers';
import { BACK_END, BackEnd, Dispatch } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Listings, Registry } from '@longhaul/registry';
import { Settings, SETTINGS } from '@longhaul/settings';
import { HealthWatch } from './health-watch';
import { JobReader } from './job-reader';
import { JobService } from './job.service';
import { Overview } from './overview';
import { CapabilitiesOverview } from './overview-capabilities';
import { ProviderOverview } from './overview-providers';
import { ModelLoading } from './model-loading';
import { PreflightChat } from './preflight-chat';
import { CHECK_TIMES, ProviderChecks } from './provider-checks';
import { RouteExplainer } from './route-explainer';

/** What only looks and never moves a job, for Nest. */
export const OVERVIEW_PROVIDERS: Provider[] = [
  {
    provide: RouteExplainer,
    inject: [Registry, Records],
    useFactory: (registry: Registry, records: Records) => new RouteExplainer(registry, records),
  },
  {
    provide: ProviderOverview,
    inject: [Listings, Records],
    useFactory: (listings: Listings, records: Records) => new ProviderOverview(listings, records),
  },
  {
    provide: Overview,
    inject: [Records, Dispatch, BACK_END, SETTINGS],
    useFactory: (...[records, dispatch, backEnd, settings]: [Records, Dispatch, BackEnd, Settings]) =>
      new Overview({ records, dispatch, backEnd, settings }),
  },
];

/** What asks providers about themselves, for Nest. */
export const CHECK_PROVIDERS: Provider[] = [
  {
    provide: ProviderChecks,
    inject: [Listings, FreeCalls],
    useFactory: (listings: Listings, calls: FreeCalls) =>
      new ProviderChecks(
        { listings, calls, now: () => performance.now(), nowMs: () => Date.now() },
        CHECK_TIMES,
      ),
  },
  {
    provide: CapabilitiesOverview,
    inject: [Listings, ProviderOverview, HealthWatch, ProviderChecks],
    useFactory: (
      ...[listings, overview, watch, checks]: [Listings, ProviderOverview, HealthWatch, ProviderChecks]
    ) => new CapabilitiesOverview({ listings, overview, watch, checks }),
  },
  {
    provide: PreflightChat,
    inject: [JobService, JobReader, Registry],
    useFactory: (jobs: JobService, reader: JobReader, registry: Registry) =>
      new PreflightChat({ jobs, reader, registry, now: () => performance.now() }),
  },
  {
    provide: ModelLoading,
    inject: [Listings, ModelResidence],
    useFactory: (listings: Listings, residence: ModelResidence) => new ModelLoading({ listings, residence }),
  },
];

/** What the module lets out of it. */
export const OVERVIEWS = [
  RouteExplainer,
  ProviderOverview,
  Overview,
  ProviderChecks,
  CapabilitiesOverview,
  ModelLoading,
  PreflightChat,
];
