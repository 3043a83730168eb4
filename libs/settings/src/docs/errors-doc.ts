import { ErrorRow, ERRORS } from '@longhaul/contract';
import { code, markdownPage, markdownTable } from './markdown';
import { WireError, wireErrors } from './wire-errors';

const REPEAT: Readonly<Record<ErrorRow['repeat'], string>> = {
  never: 'no',
  soon: 'soon',
  later: 'when the job has ended',
};

const SAME_TARGET: Readonly<Record<ErrorRow['sameTarget'], string>> = {
  never: 'no',
  once: 'once (`RETRY_ATTEMPTS`)',
  after_hint: "after the provider's hint, else once (`RETRY_ATTEMPTS`)",
  once_larger_budget: 'once, with a larger output budget (`RETRY_ATTEMPTS`)',
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

/** docs/errors.md. @param root the repository: the replies of the providers are recorded in its tests */
export function renderErrorsDoc(root: string): string {
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
    '## What each provider says, and what comes of it',
    WIRE,
    ...[...wireErrors(root)].flatMap(([provider, errors]) => [`### ${provider}`, wireTable(errors)]),
  ]);
}

const WIRE =
  "The provider's own code, type and message decide, and the HTTP status last: statuses lie. Each row is a recorded reply " +
  'that a test plays to the dialect. A failure inside a good status counts like one under a bad status; what no row knows is ' +
  '`rejected_request` under a 4xx, else `upstream_error` or `malformed_response`, never a success.';

const MS_PER = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** In the largest unit that leaves at least one. */
function duration(ms: number): string {
  const units = Object.entries(MS_PER).reverse();
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ['second', MS_PER.second];
  const count = Number((ms / size).toFixed(1));
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}

const wireTable = (errors: readonly WireError[]): string =>
  markdownTable(
    ['The provider says', 'Code', 'Comes back in', 'Same target again', 'Next target', 'Cools'],
    errors.map(({ says, code: name, hintMs, isOfModel }) => [
      says,
      code(name),
      hintMs === null ? '' : duration(hintMs),
      ...consequences(isOfModel ? { ...ERRORS[name], cools: 'target' } : ERRORS[name]),
    ]),
  );

const consequences = (row: ErrorRow): string[] => [
  SAME_TARGET[row.sameTarget],
  NEXT_RUNG[row.nextRung],
  row.cools === 'none' ? 'nothing' : `${row.cools}${SPAN[row.span]}`,
];

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
    cells: [...plainCells(name, row), ...consequences(row)],
  })),
});
