import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment } from './environment';
import { loadSettings, SettingsSource } from './load-settings';
import { Settings } from './settings';
import { SettingsError } from './settings-error';

/** For specs: a configuration in a temporary directory that is its own working and home directory. */
export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'longhaul-settings-'));

  write(name: string, content: string, mode = 0o600): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode });
    return path;
  }

  load(env: Environment = {}, more: Partial<SettingsSource> = {}): Settings {
    const { path } = this;
    return loadSettings({ env, configDir: path, homeDir: path, cwd: path, ...more });
  }

  /** The complaint that stops the boot. Fails the test when the boot goes on. */
  refusal(env: Environment = {}, more: Partial<SettingsSource> = {}): SettingsError {
    try {
      this.load(env, more);
    } catch (fault) {
      if (fault instanceof SettingsError) return fault;
      throw fault;
    }
    throw new Error('The settings loaded; a SettingsError was expected.');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A block with the two keys that every provider must have, and more lines below them. */
export const providerBlock = (name: string, ...lines: readonly string[]): string =>
  ['[[provider]]', `name = "${name}"`, `base_url = "https://${name}.example/v1"`, ...lines, ''].join('\n');
