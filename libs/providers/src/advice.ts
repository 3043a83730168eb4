import { ErrorCode } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';

/** What to do about each failure of a provider. `{key}`, `{base}` and `{name}` are the provider's variables. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  rate_limited: 'Send fewer at once (MAX_INFLIGHT_{name}, {name}_REQUESTS_PER_MINUTE), or wait.',
  overloaded: 'Wait, or name a fallback.',
  upstream_error: 'Wait, or name a fallback.',
  network_error: 'Check {base} and the network of the workers.',
  timeout:
    'Try a shorter prompt, or name a fallback; where it was a clock of Longhaul, raise {name}_TIMEOUT_SECS.',
  auth_failed: 'Check {key}, and that it belongs to the account system of {base}; then ping the provider.',
  quota_exhausted: "Top up, wait for the plan's reset, or use another key in {key}.",
  account_terminated: 'Clear it with the provider, or put another key into {key}.',
  client_not_allowed: 'Use another provider.',
  content_filtered: 'Change the input, or allow other models with routing.fallback_on_refusal.',
  rejected_request: 'Check the parameters and the size of the request against what this model takes.',
  model_unavailable: "Check the model's name and the plan of the key, and {base}.",
  context_overflow: 'Shorten the input, or use a model with a larger window.',
  output_starved: 'Raise max_output_tokens.',
  malformed_response: 'Check {base}.',
};

type Named = Pick<ProviderSettings, 'name' | 'keyVariables'>;

/** The variable that a person sets. */
export const keyVariableOf = ({ name, keyVariables }: Named): string =>
  keyVariables[0] ?? `${name.toUpperCase()}_API_KEY`;

/** An advice with the provider's variables in it. */
export function advise(advice: string, provider: Named): string {
  const name = provider.name.toUpperCase();
  return advice
    .replaceAll('{key}', keyVariableOf(provider))
    .replaceAll('{base}', `${name}_BASE_URL`)
    .replaceAll('{name}', name);
}

/** Null where nothing is known to help. */
export function adviceFor(code: ErrorCode, provider: Named): string | null {
  const advice = ADVICE[code];
  return advice === undefined ? null : advise(advice, provider);
}
