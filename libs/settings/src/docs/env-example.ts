import { ALL_OPTIONS, AnyOption } from '../all-options';
import { providersMeantBy } from '../families';
import { LOADING_DIALECT } from '../keep-alive';
import { SECTIONS } from '../option';
import { OVERRIDABLE_KEYS, settingName } from '../provider-options';
import { ProviderSettings, Settings } from '../settings';

const HEAD = `# Every variable that Longhaul reads, once. Written by \`npm run docs\`; docs/configuration.md explains each.
#
# cp .env.example .env && chmod 600 .env, then uncomment what you need. npm start and npm run demo read .env; what the
# shell has set wins. A key such as your_kimi_api_key counts as missing. <VARIABLE>_FILE may name a file with the key.`;

/** .env.example: everything commented out, built-in values where there are any, placeholders for keys. */
export function renderEnvExample(settings: Settings): string {
  const providers = settings.providers;
  const keys = [...new Set(providers.flatMap((provider) => provider.keyVariables))];
  return `${[
    HEAD,
    ['# --- Keys', ...keys.map((name) => `# ${name}=your_${name.toLowerCase()}`)].join('\n'),
    ...sections(providers),
    ...providers.map(providerLines),
  ].join('\n\n')}\n`;
}

/** A built-in list of providers holds words for more setups than this one, and whoever states such a word is refused. */
const valueOf = (option: AnyOption, providers: readonly ProviderSettings[]): string =>
  Array.isArray(option.builtIn)
    ? option.builtIn.filter((word) => providersMeantBy(word, providers).length > 0).join(',')
    : String(option.builtIn ?? '');

function sections(providers: readonly ProviderSettings[]): readonly string[] {
  return SECTIONS.map((section) => {
    const lines = Object.entries(ALL_OPTIONS)
      .filter(([, option]) => option.section === section)
      .flatMap(([variable, option]) => [
        `# ${option.meaning}`,
        `# ${variable}=${valueOf(option, providers)}`,
      ]);
    return [`# --- ${section}`, ...lines].join('\n');
  });
}

function providerLines(provider: ProviderSettings): string {
  const values: Readonly<Record<(typeof OVERRIDABLE_KEYS)[number], string>> = {
    base_url: provider.baseUrl,
    default_model: provider.defaultModel ?? '',
    speed_model: provider.speedModel ?? '',
    quality_model: provider.qualityModel ?? '',
    preferred_models: provider.preferredModels.join(','),
    allowed_models: provider.allowedModels?.join(',') ?? '',
    fallback_order: provider.fallbackOrder.join(','),
    allow_expensive_thinking_fallback: String(provider.allowExpensiveFallback ?? ''),
    timeout_s: String(provider.totalMs / 1000),
    first_token_timeout_s: String(provider.firstTokenMs / 1000),
    idle_timeout_s: String(provider.idleMs / 1000),
    keep_alive: String(provider.keepAliveS ?? ''),
    retry_attempts: String(provider.retryAttempts),
    retry_backoff_s: String(provider.retryBackoffMs / 1000),
    max_inflight: String(provider.maxInflight),
    requests_per_minute: String(provider.limits.requestsPerMinute ?? ''),
    tokens_per_minute: String(provider.limits.tokensPerMinute ?? ''),
    tokens_per_day: String(provider.limits.tokensPerDay ?? ''),
  };
  const isRead = (key: string): boolean => key !== 'keep_alive' || provider.dialect === LOADING_DIALECT;
  const lines = OVERRIDABLE_KEYS.filter(isRead).map(
    (key) => `# ${settingName(key, provider.name)}=${values[key]}`,
  );
  return [`# --- Provider ${provider.name}`, ...lines].join('\n');
}
