import { JsonSchema, schemaOf, TIERS } from '@longhaul/contract';
import type { ConfigPageView, ConfigVersionView, ReloadReport } from '@longhaul/jobs';
import { ConfigChangeDto, ConfigRollbackDto, RegistryReloadDto } from '../../config/config-change.dto';
import type { EffectiveView, OverriddenPriceView, SettingView } from '../../config/effective.controller';
import type { RegistrySnapshot, SnapshotProvider } from '../../config/registry-snapshot';
import { PRICE } from './registry.schema';
import {
  about,
  always,
  COUNT,
  listOf,
  MOMENT,
  nullable,
  NUMBER,
  ref,
  TEXT,
  viewOf,
  wordsOf,
  YES_NO,
} from './view';

export const CONFIG_CHANGE: JsonSchema = schemaOf(ConfigChangeDto);
export const CONFIG_ROLLBACK: JsonSchema = schemaOf(ConfigRollbackDto);
export const REGISTRY_RELOAD: JsonSchema = schemaOf(RegistryReloadDto);

const VERSION = about('Counts the changes of the overrides; 0 = there is none.', COUNT);
const HASH = about('Over all that a choice of a model depends on.', TEXT);
const mapOf = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values });
const VALUE: JsonSchema = { type: ['string', 'number', 'boolean', 'array', 'object', 'null'] };
const WORDS = listOf(TEXT);

export const CONFIG_VERSION: JsonSchema = viewOf<ConfigVersionView>(
  {
    object: always('config.version'),
    version: VERSION,
    kind: wordsOf<ConfigVersionView['kind']>({ change: true, rollback: true, reload: true }),
    author: about('The caller who made it.', TEXT),
    reason: TEXT,
    rolled_back_to: about('Of a rollback; 0 = no overrides at all.', nullable(COUNT)),
    created_at: about('Null = a dry run: nothing was written.', nullable(MOMENT)),
    changes: about(
      'By name what this version has changed; null = no override.',
      mapOf(viewOf<ConfigVersionView['changes'][string]>({ before: VALUE, after: VALUE })),
    ),
    settings: about('Every overridden setting.', mapOf(VALUE)),
    prices: about('Every overridden price by model; null = unpriced.', mapOf({ type: ['object', 'null'] })),
  },
  { description: 'A version of the overrides.' },
);

export const CONFIG_HISTORY: JsonSchema = viewOf<ConfigPageView>({
  object: always('list'),
  data: listOf(ref('ConfigVersion')),
  has_more: YES_NO,
});

export const CONFIG_EFFECTIVE: JsonSchema = viewOf<EffectiveView>(
  {
    object: always('config.effective'),
    version: VERSION,
    hash: HASH,
    trouble: about('Why this process does not follow the newest version; null = it does.', nullable(TEXT)),
    data: listOf(
      viewOf<SettingView>({
        name: TEXT,
        value: about('Of keys and of the stores only whether they are set.', VALUE),
        origin: wordsOf<SettingView['origin']>({
          ...{ override: true, environment: true },
          ...{ file: true, 'built-in': true },
        }),
        place: about('The variable, or file and line.', nullable(TEXT)),
        overridable: about('Whether it can be changed while Longhaul runs.', YES_NO),
      }),
    ),
    prices: about(
      'Prices that do not come from models.toml.',
      listOf(
        viewOf<OverriddenPriceView>({ model: TEXT, price: nullable(PRICE), origin: always('override') }),
      ),
    ),
  },
  { description: 'Every setting as it holds in the process that answers.' },
);

export const RELOAD_REPORT: JsonSchema = viewOf<ReloadReport>(
  {
    object: always('registry.reload'),
    version: VERSION,
    hash: HASH,
    warnings: WORDS,
    restart_needed: about('What the files say that only a restart brings into force.', WORDS),
  },
  { description: 'What was read.' },
);

const COUNTS = { models: COUNT, aliases: COUNT };

const PROVIDER: JsonSchema = viewOf<SnapshotProvider>({
  name: TEXT,
  family: nullable(TEXT),
  on: YES_NO,
  key_present: YES_NO,
  explicit_only: YES_NO,
  base_url: TEXT,
  dialect: TEXT,
  max_in_flight: COUNT,
  accepts_unlisted_models: YES_NO,
  default_model: nullable(TEXT),
  fallback_order: WORDS,
  counts: viewOf<SnapshotProvider['counts']>(COUNTS),
});

const HOW_IT_CHOOSES = {
  policy: TEXT,
  profile: TEXT,
  router_enabled: YES_NO,
  rules: about('In the order in which they are asked.', WORDS),
  fallback_rules: WORDS,
  ranking: about('The ranking steps, the strongest first.', WORDS),
  priority: about('Providers in the order in which `auto` looks at them.', WORDS),
};

export const REGISTRY_SNAPSHOT: JsonSchema = viewOf<RegistrySnapshot>(
  {
    object: always('registry.snapshot'),
    generated_at: MOMENT,
    version: VERSION,
    hash: HASH,
    catalogue_version: about('Over the model rows alone.', TEXT),
    ...HOW_IT_CHOOSES,
    providers: listOf(PROVIDER),
    models: listOf(ref('Model')),
    aliases: about('Alias to model.', mapOf(TEXT)),
    restrictions: viewOf<RegistrySnapshot['restrictions']>({
      allowed_providers: about('Null = all.', nullable(WORDS)),
      disabled_providers: WORDS,
      allowed_models: about('By provider; one without a list may use all its models.', mapOf(WORDS)),
      max_cost_per_request_usd: nullable(NUMBER),
    }),
    preferences: viewOf<RegistrySnapshot['preferences']>({
      models: about('By provider.', mapOf(WORDS)),
      providers: about('By type of job.', mapOf(WORDS)),
      default_models: WORDS,
      free_models: WORDS,
    }),
    tiers: viewOf<RegistrySnapshot['tiers']>({
      targets: mapOf(WORDS),
      default: { type: 'string', enum: TIERS },
      fast_below: NUMBER,
      balanced_below: NUMBER,
      agent_weight: NUMBER,
      step_weight: NUMBER,
    }),
    counts: viewOf<RegistrySnapshot['counts']>({ providers: COUNT, ...COUNTS }),
  },
  { description: 'All that a choice is made from. The same is kept in `registry-snapshot.json`.' },
);
