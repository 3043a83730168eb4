import { CRASH_PLACES, CRASH_STATEMENTS } from '@longhaul/contract';
import { sourceFiles } from './source-files';

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
