import { HttpSettings, isLoopbackHost, SettingsError } from '@longhaul/settings';

/**
 * Without keys whoever reaches the API may spend. Only the API asks this: a worker reads HOST too, and listens elsewhere.
 * @throws SettingsError
 */
export function refuseOpenHost({ host, apiKeysFile }: Pick<HttpSettings, 'host' | 'apiKeysFile'>): void {
  if (apiKeysFile !== null || isLoopbackHost(host)) return;
  throw new SettingsError(
    `HOST is ${host}, which others can reach, but no caller needs a key`,
    'Make a key with `npm run key -- --name <name> --scopes jobs` and set LONGHAUL_API_KEYS_FILE to its file, or set HOST to 127.0.0.1',
  );
}
