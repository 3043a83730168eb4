import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-files';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const guarantees = read('docs/guarantees.md');

/** Without line breaks, marks and capitals: as it is said. */
const said = (text: string): string => text.replace(/[*>\s]+/g, ' ').toLowerCase();
const PROMISE =
  'an accepted job is never lost, and it ends exactly once. a fault in redis or the api, or a postgresql outage, costs no extra upstream call. a worker killed, frozen or cut off from postgresql for longer than its lease costs at most one extra call per call it had in flight; so does a drain that runs out of time. the ledger names each such call.';

const rows = [...guarantees.matchAll(/^\| (.*?) *\| `(test\/[^`]+)` *\| (.*?) *\|$/gm)].map(
  ([, clause = '', file = '', title = '']) => ({ clause, file, title }),
);

describe('the promise', () => {
  it('is said in the same words wherever it is made', () => {
    for (const page of ['README.md', 'docs/guarantees.md']) expect(said(read(page))).toContain(PROMISE);
  });

  it('is taken apart into clauses that are its own words', () => {
    const clauses = rows
      .map(({ clause }) => clause)
      .filter((clause) => clause !== '' && !clause.startsWith('('));
    expect(clauses.length).toBeGreaterThanOrEqual(9);
    expect(clauses.filter((clause) => !PROMISE.includes(said(clause)))).toEqual([]);
  });

  it.each(rows)('names a test that there is: $file, $title', ({ file, title }) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(read(file).replaceAll(/\bit\(\s+/g, 'it(')).toContain(`it('${title}'`);
  });

  it('has a test over real processes for every clause, not one of statements alone', () => {
    const overProcesses = new Set<string>();
    let clause = '';
    for (const row of rows) {
      clause = row.clause === '' ? clause : row.clause;
      if (/^test\/(?:faults|e2e)\//.test(row.file)) overProcesses.add(clause);
    }
    const clauses = rows.flatMap((row) => (row.clause === '' ? [] : [row.clause]));
    expect(clauses.filter((each) => !overProcesses.has(each))).toEqual([]);
  });
});
