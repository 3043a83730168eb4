import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT, sourceFiles } from './source-files';

export interface Page {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Link {
  /** The file as written, empty for a heading of the page itself. */
  readonly target: string;
  readonly fragment: string;
}

export interface Route {
  readonly method: string;
  readonly path: string;
}

/** Folders of the checkout that hold pages of ours. */
const FOLDERS = ['docs', 'apps', 'libs', 'test', 'config', 'scripts'];

const isPage = (name: string): boolean => name.endsWith('.md');
const pageAt = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });

/** Every Markdown page of the project, sorted. */
export function markdownPages(): Page[] {
  const atRoot = readdirSync(ROOT).filter(isPage);
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && isPage(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
  return [...atRoot, ...below].sort().map(pageAt);
}

const FENCE = /^ *```.*\n([^]*?)^ *```/gm;

/** The page without its code, in which brackets and number signs mean other things. */
const proseOf = ({ text }: Pick<Page, 'text'>): string => text.replace(FENCE, '').replace(/`[^`\n]*`/g, '``');

/** Relative links; those to other sites are not looked up. */
export function linksOf(page: Page): Link[] {
  return [...proseOf(page).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, address = '']) => address)
    .filter((address) => !/^[a-z]+:/i.test(address))
    .map((address) => {
      const [target = '', fragment = ''] = address.split('#', 2);
      return { target, fragment };
    });
}

/** The anchors that GitHub gives to the headings of a page. */
export const headingSlugs = (text: string): string[] =>
  [...text.replace(FENCE, '').matchAll(/^#+ +(.+?) *$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** `npm run x`, `npm start` and `npm test` anywhere in the page, code included. */
export function npmScriptsNamedIn({ text }: Page): string[] {
  const run = [...text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
  const short = [...text.matchAll(/\bnpm (start|test)\b/g)].map(([, name = '']) => name);
  return [...new Set([...run, ...short])].sort();
}

/** The calls of the page's shell blocks to the API: `$API/...` or its usual address. */
export function curlCalls({ text }: Page): Route[] {
  const code = [...text.matchAll(FENCE)].map(([, block = '']) => block.replace(/\\\n/g, ' ')).join('\n');
  return [...code.matchAll(/\bcurl\b.*/g)].map(([line]) => {
    const asked = /(?:\$API|https?:\/\/(?:127\.0\.0\.1|localhost):3000)(\/[^\s"'?]*)/.exec(line)?.[1];
    const stated = /-X +(\w+)/.exec(line)?.[1];
    return { method: stated ?? (/ (?:-d|--data) /.test(line) ? 'POST' : 'GET'), path: asked ?? line };
  });
}

const routePath = (...parts: readonly string[]): string =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/')}`;

/** What the controllers of the API declare. */
export function routesOfApi(): Route[] {
  const controllers = sourceFiles().filter(({ path }) => /^apps\/api\/src\/.*\.controller\.ts$/.test(path));
  return controllers.flatMap(({ text }) => {
    const base = /@Controller\((?:'([^']*)')?\)/.exec(text)?.[1] ?? '';
    const methods = text.matchAll(/@(Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)/g);
    return [...methods].map(([, verb = '', path = '']) => ({
      method: verb.toUpperCase(),
      path: routePath(base, path),
    }));
  });
}
