import { existsSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './files.mjs';
import { ROOT } from './paths.mjs';

/** The first thing that a fresh checkout lacks. Whoever calls this may import no package before. */
export function refuseMissingPackages() {
  if (existsSync(path.join(ROOT, 'node_modules'))) return;
  throw new Refusal('The packages are missing. Run: npm ci');
}
