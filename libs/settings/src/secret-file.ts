import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { EnvironmentReader, Found } from './environment-reader';
import { readOwnedFile } from './owned-file';
import { expandHome } from './provider-key';
import { SettingsError } from './settings-error';

/** What the file of `<variable>_FILE` holds, for a value that is a secret; null when that variable is not set. */
export function fromSecretFile(variable: string, env: EnvironmentReader): Found<string> | null {
  const stated = env.text(`${variable}_FILE`);
  if (stated === null) return null;
  const path = resolve(expandHome(stated.value, homedir()));
  const content = readOwnedFile(path, stated.variable)?.trim();
  if (content === undefined)
    throw new SettingsError(
      `${stated.variable} names ${path}, which does not exist`,
      'Create it, or unset it',
    );
  if (content === '')
    throw new SettingsError(
      `${stated.variable} names ${path}, which is empty`,
      `Put ${variable} there, or unset it`,
    );
  return { ...stated, value: content };
}
