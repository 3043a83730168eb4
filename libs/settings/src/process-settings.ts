import { findConfigDir, readEnvironment } from './environment';
import { loadSettings } from './load-settings';
import { NO_OVERRIDES } from './overrides';
import { Settings, SettingsLoader } from './settings';

/** Reads for this process: its environment as it is now, and the config directory that belongs to it. */
export function processSettingsLoader(knownDialects?: readonly string[]): SettingsLoader {
  const env = readEnvironment();
  const cwd = process.cwd();
  const source = { env, configDir: findConfigDir(env, cwd), cwd, ...(knownDialects && { knownDialects }) };
  return (overrides) => loadSettings({ ...source, overrides });
}

/** What an app has at its start, before anything was overridden. */
export const loadProcessSettings = (knownDialects?: readonly string[]): Settings =>
  processSettingsLoader(knownDialects)(NO_OVERRIDES);
