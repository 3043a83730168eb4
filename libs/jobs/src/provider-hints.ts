import { docsOf } from '@longhaul/providers';
import { ProviderListing } from '@longhaul/registry';

/** What to do, and where the vendor tells more of it. */
export interface HintView {
  readonly code: string;
  readonly hint: string;
  readonly docs_url: string | null;
}

type Words = (names: { readonly key: string; readonly base: string; readonly name: string }) => string;

const HINTS: Readonly<Record<string, Words>> = {
  auth_failed: ({ key, base }) =>
    `Check ${key}, and that it belongs to the account system of ${base}; then ping the provider.`,
  quota_exhausted: ({ key }) => `Top up, wait for the plan's reset, or use another key in ${key}.`,
  account_terminated: ({ key }) => `Clear it with the provider, or put another key into ${key}.`,
  client_not_allowed: () => 'The provider admits certain clients only: use another provider.',
  rate_limited: ({ name }) =>
    `Send fewer at once: lower MAX_INFLIGHT_${name}, or set ${name}_REQUESTS_PER_MINUTE.`,
  model_unavailable: ({ base }) => `Check the model's name and the plan of the key, and ${base}.`,
  network_error: ({ base }) => `Check ${base} and the network of the workers.`,
  timeout: ({ name }) => `Name a fallback, or raise ${name}_TIMEOUT_SECS.`,
};

/** For each thing that stands in the way of a provider now, once. */
export function hintsFor({ settings }: ProviderListing, codes: readonly string[]): HintView[] {
  const prefix = settings.name.toUpperCase();
  const key = settings.keyVariables[0] ?? `${prefix}_API_KEY`;
  const names = { key, base: `${prefix}_BASE_URL`, name: prefix };
  const docs_url = docsOf(settings.name);
  const keyless = settings.auth !== 'none' && settings.key === null;
  const missing = keyless
    ? [{ code: 'provider_not_configured', hint: `Set ${key} and start Longhaul again.`, docs_url }]
    : [];
  return [
    ...missing,
    ...[...new Set(codes)].flatMap((code) => {
      const words = HINTS[code];
      return words === undefined ? [] : [{ code, hint: words(names), docs_url }];
    }),
  ];
}
