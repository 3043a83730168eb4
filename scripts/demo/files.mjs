import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../system/paths.mjs';

/** Small files that a newcomer can read along: three samples with real faults, and parts of Longhaul itself. */
const PATHS = [
  'scripts/demo/sample/orders.js',
  'scripts/demo/sample/payments.js',
  'scripts/demo/sample/labels.js',
  'libs/contract/src/usage.ts',
  'libs/settings/src/secret.ts',
  'apps/api/src/jobs/representation.ts',
];

/** The files of the demo's audit: `{ path, content }`, with paths as seen from the checkout. */
export const demoFiles = () =>
  PATHS.filter((file) => existsSync(path.join(ROOT, file))).map((file) => ({
    path: file,
    content: readFileSync(path.join(ROOT, file), 'utf8'),
  }));
