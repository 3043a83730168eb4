import { ProviderSettings, Settings } from '../settings';
import { code, markdownPage, markdownTable } from './markdown';

/** docs/providers.md: what ships, as it stands with nothing set in the environment. */
export function renderProvidersDoc(settings: Settings): string {
  const providers = settings.policy.providerOrder.flatMap((name) =>
    settings.providers.filter((provider) => provider.name === name),
  );
  return markdownPage('Providers', [
    'In the order in which `auto` looks at them. How to change them: [configuration.md](configuration.md#providers).',
    overview(providers),
    ...providers.flatMap((provider) => [`## ${provider.name}`, provider.description, details(provider)]),
  ]);
}

const overview = (providers: readonly ProviderSettings[]): string =>
  markdownTable(
    ['Provider', 'Key', 'Default model', 'In flight', 'Chosen by policy'],
    providers.map((provider) => [
      code(provider.name),
      keyVariables(provider),
      provider.defaultModel === null ? '' : code(provider.defaultModel),
      String(provider.maxInflight),
      provider.explicitOnly ? 'no, only when named' : 'yes',
    ]),
  );

const keyVariables = (provider: ProviderSettings): string =>
  provider.auth === 'none' ? 'none needed' : provider.keyVariables.map(code).join(' or ');

const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;

function details(provider: ProviderSettings): string {
  const clocks = [
    `connect ${seconds(provider.connectMs)}`,
    `first token ${seconds(provider.firstTokenMs)}`,
    `idle ${seconds(provider.idleMs)}`,
    `total ${seconds(provider.totalMs)}`,
  ];
  return [
    `- Base URL: ${code(provider.baseUrl)}`,
    `- Dialect: ${code(provider.dialect)}, auth: ${code(provider.auth)}, key: ${keyVariables(provider)}`,
    `- Model strings: ${provider.prefixes.map((prefix) => code(`${prefix}/<model>`)).join(', ')}`,
    `- Clocks: ${clocks.join(', ')}`,
    `- Models that the catalogue does not list: ${provider.acceptUnlistedModels ? 'taken, without a price' : 'refused'}`,
    ...(provider.family === null ? [] : [`- Family: ${code(provider.family)}`]),
  ].join('\n');
}
