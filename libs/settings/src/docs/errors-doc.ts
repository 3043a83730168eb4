import { ErrorRow, ERRORS } from '@longhaul/contract';
import { code, markdownPage, markdownTable } from './markdown';

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

/** docs/errors.md. */
export function renderErrorsDoc(): string {
  return markdownPage('Errors', [
    'One status per code. The body is `application/problem+json` (RFC 9457) and carries the same code in `error.code`.',
    '## Faults of the request',
    plainTable('caller'),
    '## Ends that Longhaul itself decides',
    plainTable('gateway'),
    '## Failures of a provider',
    'A job that tried one target carries its code; one that tried several carries `all_providers_failed`, and its attempts carry the codes.',
    providerTable(),
  ]);
}

const rowsOf = (family: ErrorRow['family']): readonly (readonly [string, ErrorRow])[] =>
  Object.entries<ErrorRow>(ERRORS).filter(([, row]) => row.family === family);

const plainTable = (family: ErrorRow['family']): string =>
  markdownTable(
    ['Code', 'Status', 'Meaning'],
    rowsOf(family).map(([name, row]) => [code(name), String(row.status), row.summary]),
  );

const providerTable = (): string =>
  markdownTable(
    ['Code', 'Status', 'Meaning', 'Same target again', 'Next target', 'Cools'],
    rowsOf('provider').map(([name, row]) => [
      code(name),
      String(row.status),
      row.summary,
      SAME_TARGET[row.sameTarget],
      NEXT_RUNG[row.nextRung],
      row.cools === 'none' ? 'nothing' : `${row.cools}${SPAN[row.span]}`,
    ]),
  );
