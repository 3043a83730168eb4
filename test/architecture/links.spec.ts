import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from './source-files';
import {
  curlCalls,
  headingSlugs,
  Link,
  linksOf,
  markdownPages,
  npmScriptsNamedIn,
  Page,
  routesOfApi,
} from './pages';

const pages = markdownPages();
const named = (path: string): Page[] => pages.filter((page) => page.path === path);

function isBroken(page: Page, { target, fragment }: Link): boolean {
  const file = target === '' ? join(ROOT, page.path) : join(ROOT, dirname(page.path), target);
  if (!existsSync(file)) return true;
  const isAnchored = fragment !== '' && file.endsWith('.md');
  return isAnchored && !headingSlugs(readFileSync(file, 'utf8')).includes(fragment);
}

describe('the pages', () => {
  it('link only to files that exist, and to headings that they have', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => isBroken(page, link))
        .map(({ target, fragment }) => `${page.path} links to ${target}#${fragment}`),
    );
    expect(broken).toEqual([]);
  });

  it('name only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const unknown = pages.flatMap((page) =>
      npmScriptsNamedIn(page)
        .filter((name) => !Object.hasOwn(scripts, name))
        .map((name) => `${page.path} names npm run ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('ask only for routes that the API has', () => {
    const routes = routesOfApi().map(({ method, path }) => ({
      method,
      pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`),
    }));
    const strange = pages.flatMap((page) =>
      curlCalls(page)
        .filter(
          ({ method, path }) => !routes.some((route) => route.method === method && route.pattern.test(path)),
        )
        .map(({ method, path }) => `${page.path} asks for ${method} ${path}`),
    );
    expect(strange).toEqual([]);
  });

  it('are found, and so is what is looked for in them', () => {
    expect(pages.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'docs/errors.md']),
    );
    const calls = named('README.md').flatMap(curlCalls);
    expect(calls).toContainEqual({ method: 'POST', path: '/v1/jobs' });
    expect(calls).toContainEqual({ method: 'GET', path: '/v1/jobs/$AUDIT/report' });
    expect(named('README.md').flatMap(npmScriptsNamedIn)).toEqual(['demo', 'start', 'test']);
    expect(routesOfApi()).toContainEqual({ method: 'GET', path: '/v1/jobs/:id' });
  });
});

describe('the decisions', () => {
  const decisions = pages.filter(({ path }) => /^docs\/decisions\/\d{4}-/.test(path));

  it('are listed once each, and numbered without a gap', () => {
    const files = decisions.map(({ path }) => basename(path));
    const listed = named('docs/decisions/README.md').flatMap(linksOf);
    expect(listed.map(({ target }) => target)).toEqual(files);
    const numbers = files.map((file) => Number(file.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('say context, choice and price', () => {
    for (const { path, text } of decisions) {
      const heads = [...text.matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, head]) => head);
      expect([path, ...heads]).toEqual([path, 'Context', 'Choice', 'Price']);
    }
  });
});
