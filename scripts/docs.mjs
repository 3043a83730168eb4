/** `npm run docs`: writes the generated pages from the code. test/architecture/docs.spec.ts fails while one is stale. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './system/paths.mjs';
import { requireLibrary } from './typescript.mjs';

const pages = [
  ...requireLibrary('settings').generatedPages(ROOT),
  ...requireLibrary('metrics').metricsPages(),
  ...requireLibrary('registry').routingPages(ROOT),
];
for (const { path: page, content } of pages) {
  const file = path.join(ROOT, page);
  const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== content;
  mkdirSync(path.dirname(file), { recursive: true });
  if (isStale) writeFileSync(file, content);
  process.stdout.write(`${isStale ? 'wrote ' : 'same  '} ${page}\n`);
}
