import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CRASH_PLACES, CRASH_POINTS, CRASH_STATEMENTS, crashModesOf } from '@longhaul/contract';
import { ROOT, sourceFiles } from './source-files';
import { writingStatements } from './writing-statements';

const sources = sourceFiles().filter(
  ({ path }) => /^libs\/[^/]+\/src\//.test(path) && !path.endsWith('.spec.ts'),
);
const recordFiles = sources.filter(({ path }) => path.startsWith('libs/records/'));

/** Where a process asks whether it is to crash. */
const asked = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/reach\(([^)]*)\)/g)].flatMap(([, words = '']) =>
    [...words.matchAll(/'(\w+:[\w-]+)'/g)].map(([, place = '']) => ({ place, path })),
  ),
);

describe('a crash point', () => {
  it.each(CRASH_STATEMENTS)('stands before and after a statement that there is: %s', (name) => {
    const files = recordFiles.filter(({ text }) => new RegExp(`\\bname: '${name}'`).test(text));
    expect(files).toHaveLength(1);
  });

  it.each(CRASH_PLACES)('is asked for at one place: %s', (place) => {
    expect(asked.filter((one) => one.place === place)).toHaveLength(1);
  });

  it('is asked for at no place that nobody can name', () => {
    const known: readonly string[] = CRASH_PLACES;
    expect(asked.filter(({ place }) => !known.includes(place))).toEqual([]);
  });

  it('costs one look where it is not armed: nobody makes a switch but from what settings say', () => {
    const made = sources.filter(
      ({ path, text }) => text.includes('new CrashSwitch(') && !path.startsWith('libs/contract/'),
    );
    expect(made).toEqual([]);
  });
});

interface Visit {
  readonly point: string;
  readonly mode: string;
  readonly play: string;
}

/** As the bench itself reads them. */
const ASK = `
  import { VISITS } from './test/faults/bench/points/table.mjs';
  import { PLAYS } from './test/faults/bench/points/plays.mjs';
  process.stdout.write(JSON.stringify({ visits: VISITS, plays: Object.keys(PLAYS) }));`;

describe('the visits of the fault bench', () => {
  const { visits, plays } = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', ASK], { cwd: ROOT, encoding: 'utf8' }),
  ) as { visits: Visit[]; plays: string[] };

  it('come to every crash point in each of its modes, and to no other', () => {
    const wanted = CRASH_POINTS.flatMap((point) => crashModesOf(point).map((mode) => `${point}:${mode}`));
    const paid = new Set(visits.map(({ point, mode }) => `${point}:${mode}`));
    expect([...paid].sort()).toEqual(wanted.sort());
  });

  it('are brought there by plays that there are, each of them of use', () => {
    expect([...new Set(visits.map(({ play }) => play))].sort()).toEqual(plays.sort());
  });
});

const page = readFileSync(join(ROOT, 'docs/guarantees.md'), 'utf8');
const chapter = /^## Crash points$(.*?)^## /ms.exec(page)?.[1] ?? '';
const [listed = '', leftOut = ''] = chapter.split('### Left out');
const rowsOf = (text: string): { readonly name: string; readonly words: string }[] =>
  [...text.matchAll(/^\| `(\w+)` +\| (.*?) *\|$/gm)].map(([, name = '', words = '']) => ({ name, words }));

describe('docs/guarantees.md', () => {
  it('lists every crash point, and no other', () => {
    const statements = rowsOf(listed).map(({ name }) => name);
    expect(statements.sort()).toEqual([...CRASH_STATEMENTS].sort());
    const places = [...chapter.matchAll(/`(\w+:[\w-]+)`/g)].map(([, place]) => place);
    expect(places.sort()).toEqual([...CRASH_PLACES].sort());
  });

  it('names every statement that writes and is no crash point, and says why', () => {
    const points: readonly string[] = CRASH_STATEMENTS;
    const { names } = writingStatements();
    const others = [...new Set(names)].filter((name) => !points.includes(name));
    expect(
      rowsOf(leftOut)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(others.sort());
    expect(rowsOf(leftOut).filter(({ words }) => words.length < 10)).toEqual([]);
  });
});

describe('a statement of libs/records that writes', () => {
  const { names, nameless } = writingStatements();

  it('has a name', () => {
    expect(nameless).toEqual([]);
  });

  it('is what every crash point around a statement stands at', () => {
    expect(CRASH_STATEMENTS.filter((name) => !names.includes(name))).toEqual([]);
  });
});
