import { GatewayError } from '@longhaul/contract';
import { ProviderSettings, seeDocsOf } from '@longhaul/settings';
import { keyVariableOf } from './advice';

/** How the key goes out with one request. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** One parameter, encoded; empty unless the key travels in the query. */
  readonly query: string;
}

/** What an HTTP header can carry; a line break or a smart quote comes from a botched copy. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** The key of a provider that needs one. Names the variable, never the value. */
export function requireKey(settings: ProviderSettings): string {
  const variable = keyVariableOf(settings);
  if (settings.key === null) {
    throw new GatewayError(
      'provider_not_configured',
      `${settings.name} has no key. Set ${variable} and restart Longhaul.${seeDocsOf(settings.name)}`,
      { phase: 'before_send', shouldRetry: false },
    );
  }
  const key = settings.key.reveal();
  if (SENDABLE.test(key)) return key;
  throw new GatewayError(
    'provider_not_configured',
    `The key of ${settings.name} from ${settings.keySource ?? variable} holds characters that no header can carry. ` +
      `Copy the key again, without spaces, quotes and line breaks.`,
    { phase: 'before_send', shouldRetry: false },
  );
}

export function credentialsOf(settings: ProviderSettings): Credentials {
  const inHeader = (name: string, value: string): Credentials => ({ headers: { [name]: value }, query: '' });
  switch (settings.auth) {
    case 'none':
      return { headers: {}, query: '' };
    case 'bearer':
      return inHeader('authorization', `Bearer ${requireKey(settings)}`);
    case 'x_api_key':
      return inHeader('x-api-key', requireKey(settings));
    case 'x_goog_api_key':
      return inHeader('x-goog-api-key', requireKey(settings));
    case 'api_key_query':
      return { headers: {}, query: `key=${encodeURIComponent(requireKey(settings))}` };
  }
}
