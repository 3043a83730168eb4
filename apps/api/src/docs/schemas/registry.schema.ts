import { CAPABILITIES, JsonSchema, TIERS, TOOL_CHOICES } from '@longhaul/contract';
import type { CircuitView, LimitsView, LimitView, ProviderView, RouteExplanation } from '@longhaul/jobs';
import { AUTH_KINDS } from '@longhaul/settings';
import type { ModelView, PriceStepView, PriceView } from '../../registry/model-view';
import { REASONING } from './decision.schema';
import { HEALTH } from './provider-check.schema';
import {
  about,
  always,
  COUNT,
  listOf,
  MOMENT,
  nullable,
  NUMBER,
  oneOf,
  TEXT,
  viewOf,
  wordsOf,
  YES_NO,
} from './view';

const SENTENCES = about('In sentences; null when it can be named.', nullable(TEXT));
const RATES = {
  input_per_mtok_usd: NUMBER,
  cached_input_per_mtok_usd: about('Null = billed as other input.', nullable(NUMBER)),
  cache_write_per_mtok_usd: nullable(NUMBER),
  output_per_mtok_usd: NUMBER,
};
export const PRICE = viewOf<PriceView>({
  ...RATES,
  effective_from: TEXT,
  source: TEXT,
  steps: about(
    'What the whole call costs when its input is longer.',
    listOf(viewOf<PriceStepView>({ above_input_tokens: COUNT, ...RATES })),
  ),
});

const TEMPERATURE: JsonSchema = {
  anyOf: [
    viewOf<{ kind: 'any' | 'omit' }>({ kind: oneOf(['any', 'omit']) }),
    viewOf<{ kind: 'fixed'; value: number }>({ kind: always('fixed'), value: NUMBER }),
    viewOf<{ kind: 'range'; min: number; max: number }>({ kind: always('range'), min: NUMBER, max: NUMBER }),
  ],
};

export const MODEL: JsonSchema = viewOf<ModelView>(
  {
    id: about('`<provider>/<model>`: the string that names it.', TEXT),
    object: always('model'),
    owned_by: TEXT,
    provider: TEXT,
    model: about('The provider’s own id.', TEXT),
    aliases: about('Other names that mean it.', listOf(TEXT)),
    status: wordsOf<ModelView['status']>({ active: true, deprecated: true, retired: true }),
    successor: nullable(TEXT),
    context_window: nullable(COUNT),
    max_output_tokens: nullable(COUNT),
    min_output_tokens: about('Smaller budgets are raised to it.', nullable(COUNT)),
    capabilities: listOf(oneOf(CAPABILITIES)),
    price: about('USD per million tokens; null = unpriced, never free.', nullable(PRICE)),
    tool_choice: about(
      'The kinds of `tool_choice` that it takes; null = not known.',
      nullable(listOf(oneOf(TOOL_CHOICES))),
    ),
    temperature: about('What it takes; `omit` = it refuses the parameter.', TEMPERATURE),
    free: about('Costs nothing per call.', YES_NO),
    tags: listOf(TEXT),
    group: about('The same model at several providers shares this word.', nullable(TEXT)),
    tiers: about('The tiers whose targets it is among.', listOf(oneOf(TIERS))),
    retires_at: about('The day on which it ends or ended, where it is known.', nullable(TEXT)),
    warning: about('What should be changed before long.', nullable(TEXT)),
    available: about('Whether a job that names it would be taken.', YES_NO),
    unavailable_because: SENTENCES,
    explicit_only: about('Never chosen by `auto` or a chain that the policy built.', YES_NO),
    health: about(
      'How its calls have gone; null = it was never called, or nobody knows now.',
      nullable(HEALTH),
    ),
  },
  { description: 'A model of the catalogue.', optional: ['health'] },
);

const FIGURES = {
  cap: about('Calls at once, over all workers.', COUNT),
  in_flight: COUNT,
  waiting: about('Jobs that could run now.', COUNT),
  scheduled: about('Jobs that may run later.', COUNT),
};

const LIMIT = viewOf<LimitView>({
  configured: about('Null = none.', nullable(COUNT)),
  seen: about('What the provider’s headers have lately said, where that is lower.', nullable(COUNT)),
  used: about('Of this minute, or this day of UTC; null = not counted: no limit is known.', nullable(COUNT)),
});

const CIRCUIT = viewOf<CircuitView>({
  scope: about(
    'What it is of: one model, the key in use, or the provider.',
    wordsOf<CircuitView['scope']>({ target: true, credential: true, provider: true }),
  ),
  model: about('Null but for a target.', nullable(TEXT)),
  state: wordsOf<CircuitView['state']>({ open: true, half_open: true }),
  until: about('In the past for one that is half open: the next call tries it.', MOMENT),
  code: TEXT,
  strikes: COUNT,
  probing: about('One call finds out whether it may be closed; the others wait.', YES_NO),
});

const HOW_IT_IS = {
  on: about('Its cap is above 0.', YES_NO),
  available: about('Whether a job that names one of its models would be taken.', YES_NO),
  unavailable_because: SENTENCES,
  ...FIGURES,
  limits: about(
    'What its key may use and what of it is taken; null where no process has opened its lane.',
    nullable(
      viewOf<LimitsView>({ requests_per_minute: LIMIT, tokens_per_minute: LIMIT, tokens_per_day: LIMIT }),
    ),
  ),
  circuits: about('Those that are not closed; an old key has none.', listOf(CIRCUIT)),
  cooling: about(
    'What is left alone after failures, until when, and why.',
    listOf(viewOf<ProviderView['cooling'][number]>({ scope: TEXT, until: MOMENT, code: TEXT })),
  ),
  last_error: nullable(viewOf<NonNullable<ProviderView['last_error']>>({ code: TEXT, at: MOMENT })),
  last_errors: about(
    'The latest first, no more than five.',
    listOf(viewOf<ProviderView['last_errors'][number]>({ model: TEXT, code: TEXT, at: MOMENT })),
  ),
};

export const PROVIDER: JsonSchema = viewOf<ProviderView>(
  {
    id: TEXT,
    object: always('provider'),
    description: TEXT,
    family: nullable(TEXT),
    dialect: TEXT,
    base_url: TEXT,
    auth: oneOf(AUTH_KINDS),
    key: viewOf<ProviderView['key']>({
      present: YES_NO,
      variables: about('Those that may hold it, in order.', listOf(TEXT)),
      source: about('The variable that held it, or `file`; never the key.', nullable(TEXT)),
    }),
    ...HOW_IT_IS,
    explicit_only: YES_NO,
    accepts_unlisted_models: about('Whether it takes ids that the catalogue does not know.', YES_NO),
    default_model: nullable(TEXT),
    timeouts: about(
      'The clocks of one call, in seconds.',
      viewOf<ProviderView['timeouts']>({
        connect_s: NUMBER,
        first_token_s: NUMBER,
        idle_s: NUMBER,
        total_s: NUMBER,
      }),
    ),
  },
  { description: 'A configured provider, and how it is.' },
);

export const ROUTE_EXPLANATION: JsonSchema = viewOf<RouteExplanation>(
  {
    object: always('route.explanation'),
    decided_by: about('The step that decided on the first model; null when none is left.', nullable(TEXT)),
    ...REASONING,
    expected_wait: about(
      'Until the first call, as far as can be told.',
      nullable(
        viewOf<NonNullable<RouteExplanation['expected_wait']>>({ seconds: nullable(NUMBER), because: TEXT }),
      ),
    ),
    error: about(
      'What such a job would be refused with.',
      nullable(viewOf<NonNullable<RouteExplanation['error']>>({ code: TEXT, message: TEXT })),
    ),
  },
  { description: 'Where a job would run, and why: the decision that it would get, field by field.' },
);
