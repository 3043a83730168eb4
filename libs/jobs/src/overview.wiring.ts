import { Provider } from '@nestjs/common';
import { BACK_END, BackEnd, Dispatch } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Listings, Registry } from '@longhaul/registry';
import { Settings, SETTINGS } from '@longhaul/settings';
import { Overview } from './overview';
import { ProviderOverview } from './overview-providers';
import { RouteExplainer } from './route-explainer';

/** What only looks and never moves a job, for Nest. */
export const OVERVIEW_PROVIDERS: Provider[] = [
  {
    provide: RouteExplainer,
    inject: [Registry, Records],
    useFactory: (registry: Registry, { figures }: Records) => new RouteExplainer(registry, figures),
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

/** What the module lets out of it. */
export const OVERVIEWS = [RouteExplainer, ProviderOverview, Overview];
