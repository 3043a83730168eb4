import { Include, INCLUDES } from '@longhaul/jobs';
import { malformed, Query, quote, refuseOthers, splitAtCommas, valuesOf } from '../http/query';
import { MAX_WAIT_MS, waitMsOf } from '../http/prefer';

/** What the query of a job's URL may say. */
export interface JobQuery {
  readonly include: readonly Include[];
  /** Null = the caller does not wait. */
  readonly waitMs: number | null;
}

/** Reads `?wait=` and `?include=` (also `include[]=`, repeated or with commas). Throws `malformed_request`. */
export function readJobQuery(query: Query): JobQuery {
  refuseOthers(query, ['wait', 'include', 'include[]']);
  const words = ['include', 'include[]'].flatMap((name) => valuesOf(query, name)).flatMap(splitAtCommas);
  const unknown = words.find((word) => !isInclude(word));
  if (unknown !== undefined) {
    throw malformed(
      'include',
      `\`include\` takes ${INCLUDES.join(', ')}; it does not know ${quote(unknown)}.`,
    );
  }
  const wait = valuesOf(query, 'wait');
  if (wait.length > 1) throw malformed('wait', '`wait` was given more than once.');
  return {
    include: [...new Set(words.filter(isInclude))],
    waitMs: wait[0] === undefined ? null : waitMsOf(wait[0], '?wait=', MAX_WAIT_MS),
  };
}

/** Reads `?format=` of a report; Markdown is the only form so far. */
export function checkReportFormat(query: Query): void {
  refuseOthers(query, ['format']);
  const [format = 'md', ...more] = valuesOf(query, 'format');
  if (format !== 'md' || more.length > 0) {
    throw malformed('format', '`format` takes md only: a report is Markdown.');
  }
}

/** For calls without a query: what is ignored in silence is believed to work. */
export const checkNoQuery = (query: Query): void => refuseOthers(query, []);

const isInclude = (word: string): word is Include => INCLUDES.some((include) => include === word);
