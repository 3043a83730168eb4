import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../system/paths.mjs';

/** The project's tiers in the order in which they run, with the file names of jest.config.js. */
export const TIERS = {
  unit: { below: ['apps', 'libs', 'scripts', 'test/support', 'test/model'], ending: '.spec.ts' },
  contracts: { below: ['test/contracts'], ending: '.spec.ts' },
  architecture: { below: ['test/architecture'], ending: '.spec.ts' },
  integration: { below: ['test/integration'], ending: '.int-spec.ts' },
  e2e: { below: ['test/e2e'], ending: '.e2e-spec.ts' },
  faults: { below: ['test/faults'], ending: '.fault-spec.ts' },
};

/** Which tiers start processes from dist/. */
export const NEEDS_BUILD = ['integration', 'e2e', 'faults'];

/** Suites of the tiers whose source speaks of `word`: what this machine leaves out, by name. */
export function suitesThatUse(word, tiers) {
  return tiers
    .flatMap((tier) => TIERS[tier].below.flatMap((directory) => suitesBelow(directory, TIERS[tier].ending)))
    .filter((file) => word.test(textWithImports(file)));
}

/**
 * A suite may take its words from a file beside it. test/support stays out: it holds the very functions that are
 * looked for, and every suite imports it.
 */
function textWithImports(file, seen = new Set()) {
  seen.add(file);
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const imported = [...text.matchAll(/from '(\.{1,2}\/[^']+)'/g)]
    .map(([, specifier]) => `${path.join(path.dirname(file), specifier)}.ts`)
    .filter((other) => !other.startsWith(path.join('test', 'support')) && !seen.has(other))
    .filter((other) => existsSync(path.join(ROOT, other)));
  return [text, ...imported.map((other) => textWithImports(other, seen))].join('\n');
}

function suitesBelow(directory, ending) {
  if (!existsSync(path.join(ROOT, directory))) return [];
  return readdirSync(path.join(ROOT, directory), { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => path.join(directory, file))
    .sort();
}
