import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
}

function manifestIn(folder: string): Manifest | null {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest | null;
  } catch {
    return null;
  }
}

/** Longhaul's version: the nearest package.json above that is ours, since dist/ lies deeper than the sources. */
export function findVersion(from: string): string {
  const manifest = manifestIn(from);
  if (manifest?.name === 'longhaul' && typeof manifest.version === 'string') return manifest.version;
  const above = dirname(from);
  return above === from ? 'unknown' : findVersion(above);
}

/** Sent with every call. It names us and nobody else: several providers ban clients that pose as another. */
export const USER_AGENT = `longhaul/${findVersion(__dirname)}`;
