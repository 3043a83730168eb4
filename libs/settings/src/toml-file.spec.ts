import { lineOf, parseToml, TOP } from './toml-file';

const TEXT = [
  'top = 1', // 1
  '[[a]]', // 2
  'x = """', // 3
  '[[a]]', // 4
  'y = 1', // 5
  '"""', // 6
  '  "y" = 2', // 7
  'list = [', // 8
  '  "y = 3",', // 9
  ']', // 10
  '[a.sub]', // 11
  'deep = 1', // 12
  '[[ab]]', // 13
  'z = 1', // 14
  '[[a]] # second', // 15
  'y = 4', // 16
  'sub.deep = 2', // 17
].join('\n');

describe('the line of a key', () => {
  it.each([
    ['the top', TOP, 'top', 1],
    ['a table under its header', { table: 'a', index: 0 }, 'y', 7],
    ['a second table of that name', { table: 'a', index: 1 }, 'y', 16],
    ['a table below it', { table: 'a', index: 0 }, 'deep', 12],
    ['a table below it, by its own name', { table: 'a', index: 0 }, 'sub', 11],
    ['a dotted key', { table: 'a', index: 1 }, 'sub', 17],
    ['a table whose name begins alike', { table: 'ab', index: 0 }, 'z', 14],
    ['a header as seen from the top', TOP, 'ab', 13],
  ] as const)('is found in %s', (...[, place, key, line]) => {
    expect(parseToml(TEXT, 'x.toml').top).toHaveProperty('top', 1);
    expect(lineOf(TEXT, place, key)).toBe(line);
  });

  it('falls back to the header, and then to the first line', () => {
    expect(lineOf(TEXT, { table: 'a', index: 1 }, 'none')).toBe(15);
    expect(lineOf(TEXT, TOP, 'none')).toBe(1);
  });
});
