import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. npm may start a script from anywhere, so nothing here trusts the working directory. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export const APPS = ['api', 'worker', 'sandbox'];

/**
 * The compiled entry file of an app. Nest's tsc builder keeps the path below `rootDir` (the checkout), so the
 * app's own path appears twice.
 */
export function entryOf(app) {
  const entry = path.join(ROOT, 'dist', 'apps', app, 'apps', app, 'src', 'main.js');
  if (!existsSync(entry)) {
    throw new Error(`The app ${app} is not built: ${entry} is missing. Run: npm run build`);
  }
  return entry;
}

/** A command of a package in node_modules, to be run with this very Node. */
export const toolOf = (relative) => path.join(ROOT, 'node_modules', relative);
