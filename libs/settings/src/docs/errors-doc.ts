import { ErrorRow, ERRORS } from '@longhaul/contract';
import { code, markdownPage, markdownTable } from './markdown';

const REPEAT: Readonly<Record<ErrorRow['repeat'], string>> = {
  never: 'no',
  soon: 'soon',
  later: 'when the job has ended',
};

const SAME_TARGET: Readonly<Record<ErrorRow['sameTarget'], string>> = {
  never: 'no',
  once: 'once (`RETRY_ATTEMPTS`)',
  after_hint: "after the provider's hint, else once (`RETRY_ATTEMPTS`)",
  once_larger_budget: 'once, with a larger output budget',
};

const NEXT_RUNG: Readonly<Record<ErrorRow['nextRung'], string>> = {
  never: 'no',
  always: 'yes',
  if_asked: 'only with `fallback_on_refusal`',
  larger_window: 'only to a larger window',
};

const SPAN: Readonly<Record<ErrorRow['span'], string>> = {
  none: '',
  hint: ", until the provider's hint",
  growing: ', short, then longer each time',
  soft: ', short',
  quota: ', until its reset, else 1 h',
};

/** One table of the codes, in words. Backticks mark code. */
export interface ErrorChapter {
  readonly title: string;
  readonly text?: string;
  readonly head: readonly string[];
  readonly rows: readonly { readonly code: string; readonly cells: readonly string[] }[];
}

/** Every code and what it means, for docs/errors.md and for the API's own page. */
export const errorChapters = (): { introduction: string; chapters: readonly ErrorChapter[] } => ({
  introduction:
    'One status per code. The body is `application/problem+json` (RFC 9457) and carries the same code in `error.code`. ' +
    'Where the same request, sent again, would end the same way, the answer carries `x-should-retry: false`: that is ' +
    'every code but those that say when under Again. These carry `Retry-After` with 409, 429 and 503.',
  chapters: [
    plainChapter('Faults of the request', 'caller'),
    plainChapter('Ends that Longhaul itself decides', 'gateway'),
    providerChapter(),
  ],
});

/** docs/errors.md. */
export function renderErrorsDoc(): string {
  const { introduction, chapters } = errorChapters();
  return markdownPage('Errors', [
    introduction,
    ...chapters.flatMap(({ title, text, head, rows }) => [
      `## ${title}`,
      ...(text === undefined ? [] : [text]),
      markdownTable(
        head,
        rows.map(({ cells }) => cells),
      ),
    ]),
  ]);
}

const rowsOf = (family: ErrorRow['family']): readonly (readonly [string, ErrorRow])[] =>
  Object.entries<ErrorRow>(ERRORS).filter(([, row]) => row.family === family);

const plainCells = (name: string, row: ErrorRow): string[] => [code(name), String(row.status), row.summary];

const plainChapter = (title: string, family: ErrorRow['family']): ErrorChapter => ({
  title,
  head: ['Code', 'Status', 'Meaning', 'Again'],
  rows: rowsOf(family).map(([name, row]) => ({
    code: name,
    cells: [...plainCells(name, row), REPEAT[row.repeat]],
  })),
});

const providerChapter = (): ErrorChapter => ({
  title: 'Failures of a provider',
  text: 'A job that tried one target carries its code; one that tried several carries `all_providers_failed`, and its attempts carry the codes.',
  head: ['Code', 'Status', 'Meaning', 'Same target again', 'Next target', 'Cools'],
  rows: rowsOf('provider').map(([name, row]) => ({
    code: name,
    cells: [
      ...plainCells(name, row),
      SAME_TARGET[row.sameTarget],
      NEXT_RUNG[row.nextRung],
      row.cools === 'none' ? 'nothing' : `${row.cools}${SPAN[row.span]}`,
    ],
  })),
});
