import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that touches `process.env`. */
export const readEnvironment = (): Environment => ({ ...process.env });

const MARK = 'providers.toml';

/**
 * Where config/*.toml is: `LONGHAUL_CONFIG_DIR`, else `config` under the working directory, else the `config` of
 * the repository that this file belongs to, so that an app starts from anywhere.
 */
export function findConfigDir(env: Environment, cwd: string): string {
  const stated = env['LONGHAUL_CONFIG_DIR']?.trim();
  if (stated !== undefined && stated !== '') return resolve(cwd, stated);
  const here = join(cwd, 'config');
  if (existsSync(join(here, MARK))) return here;
  let folder = __dirname;
  while (dirname(folder) !== folder) {
    if (existsSync(join(folder, 'config', MARK))) return join(folder, 'config');
    folder = dirname(folder);
  }
  return here;
}
