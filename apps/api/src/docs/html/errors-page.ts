import { errorChapters } from '@longhaul/settings';
import { markup, prose } from './html';
import { pageOf } from './layout';
import { tableOf } from './table';

/** The page `/docs/errors`: what docs/errors.md says. The anchors are what problem documents link to. */
export function errorsPage(): string {
  const { introduction, chapters } = errorChapters();
  return pageOf({
    title: 'Longhaul API: errors',
    body: markup`<main id="content" class="alone">
<p><a href="/docs">Longhaul API</a></p>
<h1>Errors</h1>
<p>${prose(introduction)}</p>
${chapters.map(
  ({ title, text, head, rows }) => markup`<h2>${title}</h2>
${
  text === undefined
    ? markup``
    : markup`<p>${prose(text)}</p>
`
}${tableOf(
    head,
    rows.map(({ code, cells }) => ({ id: code, cells: cells.map(prose) })),
  )}`,
)}
</main>`,
  });
}
