import { sourceFiles } from './source-files';

const locks = sourceFiles()
  .filter(({ path }) => path.startsWith('libs/'))
  .flatMap(({ text }) =>
    [...text.matchAll(/^const (\w+_LOCK) = ([\d_]+);$/gm)].map(([, name = '', number = '']) => ({
      name,
      number,
    })),
  );

describe('an advisory lock', () => {
  it('has a number that no other has, or its holders would wait for work that is not theirs', () => {
    expect(locks.length).toBeGreaterThanOrEqual(5);
    expect(new Set(locks.map(({ number }) => number)).size).toBe(locks.length);
  });
});
