import { NUMBER_OPTIONS } from '../number-options';
import { NumberOption, TextOption } from '../option';
import { OVERRIDABLE_KEYS, variablesFor } from '../provider-options';
import { ProviderSettings, Settings } from '../settings';
import { LIST_OPTIONS, TEXT_OPTIONS } from '../text-options';

const HEAD = `# Every variable that Longhaul reads, once. Written by \`npm run docs\`; docs/configuration.md explains each.
#
# cp .env.example .env && chmod 600 .env, then uncomment what you need. npm start and npm run demo read .env; what the
# shell has set wins. A key such as your_kimi_api_key counts as missing. <VARIABLE>_FILE may name a file with the key.`;

/** .env.example: everything commented out, built-in values where there are any, placeholders for keys. */
export function renderEnvExample(settings: Settings): string {
  const providers = settings.providers;
  const keys = [...new Set(providers.flatMap((provider) => provider.keyVariables))];
  const general: readonly [string, NumberOption | TextOption][] = [
    ...Object.entries(TEXT_OPTIONS),
    ...Object.entries(NUMBER_OPTIONS),
    ...Object.entries(LIST_OPTIONS),
  ];
  return `${[
    HEAD,
    ['# --- Keys', ...keys.map((name) => `# ${name}=your_${name.toLowerCase()}`)].join('\n'),
    ...sections(general),
    ...providers.map(providerLines),
  ].join('\n\n')}\n`;
}

function sections(options: readonly [string, NumberOption | TextOption][]): readonly string[] {
  const names = [...new Set(options.map(([, option]) => option.section))];
  return names.map((section) => {
    const lines = options
      .filter(([, option]) => option.section === section)
      .flatMap(([variable, option]) => [`# ${option.meaning}`, `# ${variable}=${option.builtIn ?? ''}`]);
    return [`# --- ${section}`, ...lines].join('\n');
  });
}

function providerLines(provider: ProviderSettings): string {
  const values: Readonly<Record<(typeof OVERRIDABLE_KEYS)[number], string>> = {
    base_url: provider.baseUrl,
    default_model: provider.defaultModel ?? '',
    fallback_order: provider.fallbackOrder.join(','),
    timeout_s: String(provider.totalMs / 1000),
    first_token_timeout_s: String(provider.firstTokenMs / 1000),
    idle_timeout_s: String(provider.idleMs / 1000),
    max_inflight: String(provider.maxInflight),
  };
  const lines = OVERRIDABLE_KEYS.map(
    (key) => `# ${variablesFor(key, provider.name)[0] ?? ''}=${values[key]}`,
  );
  return [`# --- Provider ${provider.name}`, ...lines].join('\n');
}
