import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-files';

const FOLDER = join(ROOT, 'libs/records/src/migrations');

/** The first that an older process may meet: from here on old and new versions run side by side. */
const EXPANDS_FROM = 7;

/** What takes something away, and why a process of the version before does not miss it. */
const ALLOWED: Readonly<Record<string, string>> = {
  'DROP INDEX "jobs_ended_at"': 'no statement names an index; a narrower one of that name takes its place',
  'DROP INDEX "jobs_to_ring"': 'no statement names an index; jobs_in_line serves the feed of both versions',
};

/** What leaves every row and every statement of the version before valid. */
const ADDING = [
  /^CREATE TABLE /,
  /^CREATE INDEX /,
  /^CREATE (?:OR REPLACE )?FUNCTION /,
  /^CREATE (?:OR REPLACE )?TRIGGER /,
  // A column that the version before does not fill: nullable, or with a default.
  /^ALTER TABLE "\w+" ADD COLUMN "\w+" (?:(?!NOT NULL).)*$/,
  /^ALTER TABLE "\w+" ADD COLUMN "\w+" .*\bDEFAULT\b.*$/,
];

const migrations = readdirSync(FOLDER).filter(
  (name) => name.endsWith('.sql') && Number(name.slice(0, 4)) >= EXPANDS_FROM,
);

const statementsOf = (text: string): string[] =>
  text
    .split('--> statement-breakpoint')
    .flatMap((part) => (/\$\$/.test(part) ? [part] : part.split(/;\s*\n/)))
    .map((part) =>
      part
        .replace(/^\s*--.*$/gm, '')
        .trim()
        .replace(/;$/, '')
        .replace(/\s+/g, ' '),
    )
    .filter((statement) => statement !== '');

const isAdding = (statement: string): boolean => ADDING.some((form) => form.test(statement));

/** Index → its table, of all migrations. */
const TABLES = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .flatMap((name) => [
      ...readFileSync(join(FOLDER, name), 'utf8').matchAll(/^CREATE INDEX "(\w+)" ON "(\w+)"/gm),
    ])
    .map(([, index = '', table = '']) => [index, table]),
);

/** The table that a statement locks, and how strictly (PostgreSQL's "Explicit Locking"): 1 SHARE, 2 ACCESS EXCLUSIVE. */
const lockOf = (statement: string): { table: string; strictness: number } | null => {
  const indexed = /^CREATE INDEX "\w+" ON "(\w+)"/.exec(statement)?.[1];
  if (indexed !== undefined) return { table: indexed, strictness: 1 };
  const altered = /^ALTER TABLE "(\w+)"/.exec(statement)?.[1];
  const dropped = /^DROP INDEX "(\w+)"/.exec(statement)?.[1] ?? '';
  const table = altered ?? TABLES.get(dropped);
  return table === undefined ? null : { table, strictness: 2 };
};

/** What raises the lock of a table: a statement of a process that waits for the weaker one is a deadlock then. */
const raisesOf = (statements: readonly string[]): string[] => {
  const first = new Map<string, number>();
  return statements.filter((statement) => {
    const lock = lockOf(statement);
    if (lock === null) return false;
    if (!first.has(lock.table)) first.set(lock.table, lock.strictness);
    return lock.strictness > (first.get(lock.table) ?? 0);
  });
};

describe('a migration that old and new processes live through together', () => {
  it.each(migrations)('only adds, but for what is allowed with its reason (%s)', (name) => {
    const statements = statementsOf(readFileSync(join(FOLDER, name), 'utf8'));
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter((statement) => !isAdding(statement) && !(statement in ALLOWED))).toEqual([]);
  });

  it.each(migrations)('takes the strictest lock of a table first (%s)', (name) => {
    expect(raisesOf(statementsOf(readFileSync(join(FOLDER, name), 'utf8')))).toEqual([]);
  });

  it('would not pass with an index that is dropped after another one was made', () => {
    const drop = 'DROP INDEX "jobs_to_ring"';
    expect(raisesOf(['CREATE INDEX "jobs_new" ON "jobs" ("id")', drop])).toEqual([drop]);
  });

  it('allows nothing that no migration does', () => {
    const all = migrations.flatMap((name) => statementsOf(readFileSync(join(FOLDER, name), 'utf8')));
    expect(Object.keys(ALLOWED).filter((statement) => !all.includes(statement))).toEqual([]);
  });

  it.each([
    'DROP TABLE "jobs"',
    'ALTER TABLE "jobs" DROP COLUMN "ring"',
    'ALTER TABLE "jobs" RENAME COLUMN "ring" TO "bell"',
    'ALTER TABLE "jobs" ALTER COLUMN "ring" SET NOT NULL',
    'ALTER TABLE "jobs" ADD COLUMN "bell" bigint NOT NULL',
    'ALTER TABLE "jobs" ADD CONSTRAINT "positive" CHECK (ring > 0)',
    'CREATE UNIQUE INDEX "one" ON "jobs" ("caller")',
    'UPDATE "jobs" SET "ring" = 1',
  ])('would not pass with: %s', (statement) => {
    expect(isAdding(statement)).toBe(false);
  });
});
