import { createHash } from 'node:crypto';
import { ProviderSettings } from './settings';

const FINGERPRINT_DIGITS = 12;

/**
 * Names the key that a provider is called with, and gives nothing of it away: what one key did or used is not laid to
 * the charge of the next. A keyless provider's is its name alone.
 */
export function credentialOf({ name, key }: Pick<ProviderSettings, 'name' | 'key'>): string {
  if (key === null) return name;
  const hash = createHash('sha256').update(`longhaul:credential:${key.reveal()}`).digest('hex');
  return `${name}:${hash.slice(0, FINGERPRINT_DIGITS)}`;
}
