import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { ROOT } from './scratch';

/** The blocks of one language on a page of docs/, in order. */
export function printedBlocks(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block ?? '',
  );
}

/** Runs the page's own lines as a module. @param imports what it may import, by name */
export function runPrinted(
  source: string,
  imports: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { code } = transformSync(source, {
    filename: 'printed.ts',
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const exports: Record<string, unknown> = {};
  const requireKnown = (name: string): unknown => {
    if (name in imports) return imports[name];
    throw new Error(`The page imports ${name}.`);
  };
  new Function('exports', 'require', code)(exports, requireKnown);
  return exports;
}
