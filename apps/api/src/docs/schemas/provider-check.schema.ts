import { CAPABILITIES, JOB_STATUSES, JsonSchema } from '@longhaul/contract';
import type {
  AllowanceView,
  CapabilitiesView,
  CapableModelView,
  CheckView,
  HealthView,
  HintView,
  LiveView,
  LoadedView,
  PingView,
  PreflightView,
} from '@longhaul/jobs';
import type { ModelView } from '../../registry/model-view';
import {
  about,
  always,
  COUNT,
  listOf,
  MOMENT,
  nullable,
  NUMBER,
  oneOf,
  ref,
  TEXT,
  viewOf,
  wordsOf,
  YES_NO,
} from './view';

export const HEALTH = viewOf<HealthView>({
  samples: about('Calls that speak for or against it.', COUNT),
  success_rate: about('The latest calls count most, and failures fade with time.', NUMBER),
  latency_ms: about('Of good calls; the latest count most.', nullable(COUNT)),
  first_token_ms: nullable(COUNT),
  p50_ms: about('Of the latest two hundred good calls.', nullable(COUNT)),
  p95_ms: nullable(COUNT),
  updated_at: MOMENT,
});

const ASKED = {
  provider: TEXT,
  reachable: about('Null = it was not asked: it has no key.', nullable(YES_NO)),
  authorised: about('Whether it took the key; null = that cannot be told.', nullable(YES_NO)),
  latency_ms: nullable(COUNT),
  error: about(
    'Why not, by the codes of this API.',
    nullable(viewOf<NonNullable<CheckView['error']>>({ code: TEXT, message: TEXT })),
  ),
  account: about(
    'What is left on the key’s account; null where the provider does not tell.',
    nullable(
      listOf(
        viewOf<AllowanceView>({
          of: TEXT,
          used: nullable(NUMBER),
          limit: nullable(NUMBER),
          remaining: nullable(NUMBER),
          unit: TEXT,
          resets_at: about('An ISO date.', nullable(TEXT)),
        }),
      ),
    ),
  ),
  asked_at: about('An answer is kept for ten seconds.', MOMENT),
};

const CHAT = viewOf<PreflightView>({
  job: about('The job, as any other; null = it was refused.', nullable(TEXT)),
  model: about('What was asked: the provider’s own default model.', nullable(TEXT)),
  status: nullable(oneOf(JOB_STATUSES)),
  error: nullable(viewOf<NonNullable<PreflightView['error']>>({ code: TEXT, message: TEXT })),
});

export const PING: JsonSchema = viewOf<PingView>(
  {
    object: always('provider.ping'),
    ...ASKED,
    chat: about(
      'A call that is paid for, kept for half a minute; null unless `ROUTER_PREFLIGHT_CHAT` is true and nothing failed before it.',
      nullable(CHAT),
    ),
  },
  { description: 'What a provider says when it is asked itself.' },
);

export const LOADED: JsonSchema = viewOf<LoadedView>(
  { object: always('provider.model'), provider: TEXT, model: TEXT, loaded: YES_NO },
  { description: 'What became of a model on a server that loads models when it is told.' },
);

const LIVE = viewOf<LiveView>({
  object: always('provider.ping'),
  ...ASKED,
  models: about(
    'Our catalogue against its own list; null where it gave none.',
    nullable(
      viewOf<NonNullable<LiveView['models']>>({
        listed: COUNT,
        missing: about('In our catalogue, and not in its list.', listOf(TEXT)),
        unknown: about('In its list, and not in our catalogue; a hundred at most.', listOf(TEXT)),
        retired: about('In its list, and retired in our catalogue.', listOf(TEXT)),
      }),
    ),
  ),
});

export const PROVIDER_CAPABILITIES: JsonSchema = viewOf<CapabilitiesView>(
  {
    object: always('provider.capabilities'),
    provider: ref('Provider'),
    hints: about(
      'What to do about what stands in its way.',
      listOf(viewOf<HintView>({ code: TEXT, hint: TEXT, docs_url: nullable(TEXT) })),
    ),
    models: listOf(
      viewOf<CapableModelView>({
        model: TEXT,
        status: wordsOf<ModelView['status']>({ active: true, deprecated: true, retired: true }),
        capabilities: listOf(oneOf(CAPABILITIES)),
        context_window: nullable(COUNT),
        max_output_tokens: nullable(COUNT),
        available: YES_NO,
        health: nullable(HEALTH),
      }),
    ),
    live: about('Null unless `live=true` asked for it.', nullable(LIVE)),
  },
  { description: 'A provider, its models, how they are, and what to do.' },
);
