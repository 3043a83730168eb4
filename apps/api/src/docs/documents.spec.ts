import { ERRORS } from '@longhaul/contract';
import { createHash } from 'node:crypto';
import { Documents } from './documents';
import { CONTENT_SECURITY_POLICY } from './html/layout';
import { markup, prose } from './html/html';
import { ROUTES } from './routes';

const API = 'http://127.0.0.1:3000';

const documentsWith = (apiKeysFile: string | null): Documents =>
  new Documents(
    {
      http: { host: '127.0.0.1', port: 3000, workerHost: '127.0.0.1', workerPort: 0, apiKeysFile },
      providers: [],
    },
    '1.2.3',
  );

const anchorsOf = (page: string): string[] => [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);

describe('the page of the API', () => {
  const documents = documentsWith(null);
  const page = documents.docs(API).text;
  const errors = documents.errors().text;

  it('has a chapter for every route, each with its summary', () => {
    const anchors = anchorsOf(page);
    for (const { id, summary } of ROUTES) {
      expect(anchors).toContain(id);
      expect(page).toContain(`<h3>${prose(summary).text}</h3>`);
    }
    expect(anchors.filter((each, at) => anchors.indexOf(each) !== at)).toEqual([]);
  });

  it('links only to places that are there', () => {
    const anchors = new Set(anchorsOf(page));
    const codes = new Set(anchorsOf(errors));
    for (const [, target = ''] of page.matchAll(/href="([^"]+)"/g)) {
      const [path = '', fragment] = target.split('#', 2);
      if (path === '') expect(anchors).toContain(fragment);
      else if (path === '/docs/errors') expect(fragment === undefined || codes.has(fragment)).toBe(true);
      else expect(['/openapi.json', 'data:,']).toContain(path);
    }
  });

  it('loads nothing, runs nothing, and its style is the one that the policy lets in', () => {
    for (const text of [page, errors]) {
      expect(text).not.toMatch(/<script|<img|<iframe|<form| on\w+=| style=|@import|url\(/i);
      expect(text.match(/(?:src|href)="https?:/g)).toBeNull();
      const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      expect(CONTENT_SECURITY_POLICY).toContain(`'sha256-${hash}'`);
    }
  });

  it('is made once for each address, and has a tag of its own for each', () => {
    expect(documents.docs(API)).toBe(documents.docs(API));
    const other = documents.docs('https://longhaul.example');
    expect(other.etag).not.toBe(documents.docs(API).etag);
    expect(other.text).toContain('curl -s https://longhaul.example/v1/jobs');
  });

  it('keeps no more pages than a gateway has names', () => {
    const few = documentsWith(null);
    const first = few.docs(API);
    for (let n = 0; n < 20; n += 1) few.docs(`http://host-${String(n)}`);
    expect(few.docs(API)).not.toBe(first);
    expect(few.docs(API).text).toBe(first.text);
  });

  it('shows where the key goes when keys are configured, and none when they are not', () => {
    const keyed = documentsWith('/etc/longhaul/keys.json').docs(API).text;
    expect(keyed).toContain(
      'curl -s -H &quot;authorization: Bearer $LONGHAUL_KEY&quot; http://127.0.0.1:3000/v1/jobs',
    );
    expect(keyed).not.toContain('keys.json');
    expect(page).not.toContain('LONGHAUL_KEY');
  });

  it('explains every code at the place that problem documents name', () => {
    expect(anchorsOf(errors)).toEqual(expect.arrayContaining(Object.keys(ERRORS)));
  });
});

describe('markup', () => {
  it('escapes what is put into it, once', () => {
    const inner = markup`<b>${'<script>"&\''}</b>`;
    expect(inner.text).toBe('<b>&lt;script&gt;&quot;&amp;&#39;</b>');
    expect(markup`<i>${inner}${[inner]}</i>`.text).toBe(`<i>${inner.text}${inner.text}</i>`);
  });

  it('takes what stands between backticks for code', () => {
    expect(prose('a `<b>` & c').text).toBe('a <code>&lt;b&gt;</code> &amp; c');
  });
});
