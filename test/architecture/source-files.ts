import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of apps/ and libs/. */
export function sourceFiles(): SourceFile[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') })),
  );
}

const IMPORT = /(?:from|import|require\()\s*['"]([^'"]+)['"]/g;

/** What a file imports, as written. */
export const importsOf = ({ text }: Pick<SourceFile, 'text'>): string[] =>
  [...text.matchAll(IMPORT)].map((match) => match[1] ?? '');
