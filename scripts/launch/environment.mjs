import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../system/paths.mjs';

/** This process's environment with `.env` of the checkout under it: what the shell says wins. */
export function launcherEnvironment() {
  const file = path.join(ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return { ...process.env };
}
