import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../system/paths.mjs';

/** This process's environment with `.env` of the checkout under it: what the shell says wins. A test reads no `.env`. */
export function launcherEnvironment() {
  const file = path.join(ROOT, '.env');
  if (process.env.NODE_ENV !== 'test' && existsSync(file)) process.loadEnvFile(file);
  return { ...process.env };
}
