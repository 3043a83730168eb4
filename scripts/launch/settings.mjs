import { createRequire } from 'node:module';
import path from 'node:path';
import { Refusal } from '../system/files.mjs';
import { ROOT } from '../system/paths.mjs';

const require = createRequire(import.meta.url);
const compiled = (...parts) => require(path.join(ROOT, 'dist', 'apps', 'api', ...parts));

/**
 * What the apps will read from this environment, by their own loader: key files, aliases and placeholders count
 * here as they count there. A fault that would stop their boot is a Refusal in their words, before any store is up.
 */
export function readSettings(env) {
  const { bootFailure, findConfigDir, loadSettings } = compiled('libs', 'settings', 'src');
  try {
    const settings = loadSettings({
      env,
      configDir: findConfigDir(env, ROOT),
      cwd: ROOT,
      knownDialects: compiled('libs', 'providers', 'src').DIALECT_NAMES,
    });
    const callers = (file) => compiled('apps', 'api', 'src', 'http', 'callers', file);
    callers('open-host').refuseOpenHost(settings.http);
    if (settings.http.apiKeysFile !== null) callers('keys-file').readKeysFile(settings.http.apiKeysFile);
    return settings;
  } catch (error) {
    throw error.name === 'SettingsError' ? new Refusal(bootFailure('Longhaul cannot start', error)) : error;
  }
}

/** The providers that have a key, each with where it came from, never the key. */
export const keyedProviders = (settings) =>
  settings.providers.filter(({ key }) => key !== null).map(({ name, keySource }) => ({ name, keySource }));

export const inWords = (keyed) => keyed.map(({ name, keySource }) => `${name} (${keySource})`).join(', ');
