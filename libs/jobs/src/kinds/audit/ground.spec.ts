import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Claim } from './claim';
import { Grounder, linesOf } from './ground';
import { normalised } from './search';
import { readSource, SourceFile } from './source';

const source = readSource({
  path: 'src/user.ts',
  content: [
    'export function canEdit(user: User): boolean {',
    '\tif (!isAdmin(user)) return false;',
    '\treturn user.name  ===  "root";',
    '}',
    '',
    'const again = () => {',
    '\tif (!isAdmin(user)) return false;',
    '\tconst pattern = `a/${user.id}`;',
    '};',
  ].join('\r\n'),
});
const other = readSource({ path: 'lib/user.ts', content: 'const elsewhere = true;\n' });
const index = readSource({ path: 'src/index.ts', content: 'export const start = 1;\n' });
const files = [source, other, index];

const claimOf = (quote: string, more: Partial<Claim> = {}): Claim => ({
  file: 'src/user.ts',
  line: null,
  title: 'T',
  severity: 'low',
  explanation: '',
  quote,
  ...more,
});

function ground(quote: string, more: Partial<Claim> = {}, among: readonly SourceFile[] = files): string {
  const grounding = new Grounder(among).ground(claimOf(quote, more));
  if (!grounding.grounded) return grounding.reason;
  const { file, range, how } = grounding;
  return `${how} ${file.path}:${String(range.start)}-${String(range.end)}`;
}

describe('grounding a quote', () => {
  it('finds it as it stands, over several lines too, whatever the line ends', () => {
    const exact = 'exact src/user.ts:1-2';
    expect(
      ground('export function canEdit(user: User): boolean {\n\tif (!isAdmin(user)) return false;'),
    ).toBe(exact);
    expect(
      ground('export function canEdit(user: User): boolean {\r\n\tif (!isAdmin(user)) return false;\r\n'),
    ).toBe(exact);
    expect(ground('return user.name  ===  "root"')).toBe('exact src/user.ts:3-3');
  });

  it.each([
    ['other indentation', '  return user.name === "root";'],
    ['line numbers', '3\t\treturn user.name  ===  "root";'],
    ['a fence', '```ts\n\treturn user.name === "root";\n```'],
    ['line numbers in a fence', '```\n3\t\treturn user.name === "root";\n4\t}\n```'],
    ['backticks', '`return user.name === "root";`'],
    ['other line breaks', 'return user.name\n  === "root";'],
    ['trailing spaces and blank lines', '\n\treturn user.name  ===  "root";  \n\n}\n'],
  ])('finds it through %s', (_what, quote) =>
    expect(ground(quote)).toMatch(/^normalised src\/user\.ts:3-[34]$/),
  );

  it('skips blank lines, but counts them', () => {
    expect(ground('}\nconst again = () => {')).toBe('normalised src/user.ts:4-6');
    expect(ground('4\t}\n5\t\n6\tconst again = () => {')).toBe('normalised src/user.ts:4-6');
  });

  it('takes the place nearest to the claimed line, and the first without one', () => {
    const quote = 'if (!isAdmin(user)) return false;';
    expect(ground(quote)).toBe('exact src/user.ts:2-2');
    expect(ground(quote, { line: 1 })).toBe('exact src/user.ts:2-2');
    expect(ground(quote, { line: 6 })).toBe('exact src/user.ts:7-7');
    expect(ground(`  ${quote.replace(' return', '  return')}`, { line: 99 })).toBe(
      'normalised src/user.ts:7-7',
    );
  });

  it.each([
    ['another operator', 'return user.name !== "root";'],
    ['another name', 'return user.mail === "root";'],
    ['a dropped token', 'return user.name "root";'],
    ['an ellipsis', 'export function canEdit(...): boolean {'],
    ['another file’s text', 'const elsewhere = true;'],
    ['half a name', 'eturn user.name  ===  "root"'],
    ['half an operator', '==  "root";'],
    ['half a name at its end', 'export function canEd'],
    ['glued lines', 'boolean {if (!isAdmin(user)) return false;'],
  ])('does not find %s', (_what, quote) => expect(ground(quote)).toBe('quote_not_found'));

  it('does not take a short quote over a line end for one that stands on one line', () => {
    const lines = [readSource({ path: 'a', content: 'foo\nbar baz\n' })];
    expect(ground('foo bar baz', { file: 'a' }, lines)).toBe('quote_not_found');
    expect(ground('foo\nbar baz', { file: 'a' }, lines)).toBe('exact a:1-2');
  });

  it.each(['', '};', '  }  \n\n', '1\t}', '`a = 1`'])('withholds the short quote %j', (quote) =>
    expect(ground(quote)).toBe('too_short'),
  );

  it('withholds a quote whose whole lines are too long to show', () => {
    const minified = readSource({ path: 'a.min.js', content: `${'x=1;'.repeat(3000)}eval(code);` });
    expect(ground('eval(code);', { file: 'a.min.js' }, [minified])).toBe('too_long');
  });
});

describe('grounding the path', () => {
  const quote = 'export const start = 1;';
  it.each([
    'src/index.ts',
    './src/index.ts',
    '/src/index.ts',
    'src\\index.ts',
    '`src/index.ts`',
    ' src/index.ts ',
  ])('resolves %j', (file) => expect(ground(quote, { file })).toBe('exact src/index.ts:1-1'));
  it.each(['index.ts', 'repo/src/index.ts', 'src/index.ts:1', 'src/index.ts:L1-L3'])('resolves %j', (file) =>
    expect(ground(quote, { file })).toBe('exact src/index.ts:1-1'),
  );
  it.each(['user.ts', 'src/nothing.ts', 'x.ts', 'rc/index.ts', 'SRC/INDEX.TS', '/', '..', ''])(
    'refuses %j',
    (file) => expect(ground(quote, { file })).toBe('unknown_file'),
  );
});

describe('grounding real sources', () => {
  const contract = join(__dirname, '../../../../contract/src');
  const read = (name: string): SourceFile =>
    readSource({ path: name, content: readFileSync(join(contract, name), 'utf8') });
  const real = ['errors.ts', 'job.ts', 'routing.ts', 'usage.ts', 'validation.ts'].map(read);
  const grounder = new Grounder(real);

  const range = fc
    .record({
      file: fc.constantFrom(...real),
      at: fc.double({ min: 0, max: 0.9999, noNaN: true }),
      length: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ file, at, length }) => {
      const start = Math.floor(at * file.lines.length) + 1;
      const lines = file.lines.slice(start - 1, start - 1 + length);
      return { file, start, lines };
    })
    .filter(({ lines }) => normalised(lines.join('\n')).length >= 8);

  const harmless: readonly ((lines: readonly string[], start: number) => string)[] = [
    (lines) => lines.join('\n'),
    (lines) => lines.join('\r\n'),
    (lines) => lines.map((line) => line.trim()).join('\n'),
    (lines) => lines.map((line) => `      ${line}  `).join('\n'),
    (lines, start) => lines.map((line, offset) => `${String(start + offset)}\t${line}`).join('\n'),
    (lines) => ['```ts', ...lines, '```'].join('\n'),
  ];

  it('always finds a verbatim range of lines at its own place, however it is formatted', () => {
    fc.assert(
      fc.property(range, fc.constantFrom(...harmless), ({ file, start, lines }, format) => {
        const grounding = grounder.ground(claimOf(format(lines, start), { file: file.path, line: start }));
        if (!grounding.grounded) throw new Error(`withheld: ${grounding.reason}`);
        expect(grounding.file).toBe(file);
        const own = { start, end: start + lines.findLastIndex((line) => line.trim() !== '') };
        // The same text may stand twice, also with other indentation; as it stands, the claimed line decides.
        if (format === harmless[0] && lines[0]?.trim() !== '') expect(grounding.range).toEqual(own);
        expect(normalised(linesOf(file, grounding.range))).toContain(normalised(lines.join('\n')));
      }),
      { numRuns: 2000 },
    );
  });

  /** An oracle of its own: the tokens of a text, white space apart. */
  const tokensOf = (text: string): string[] =>
    text.match(/[\p{L}\p{N}\p{M}_$]+|[=!<>&|+*/%^~?:-]+|[^\s]/gu) ?? [];
  const standsIn = (quote: string, file: SourceFile): boolean =>
    ` ${tokensOf(file.text).join(' ')} `.includes(` ${tokensOf(quote).join(' ')} `);

  it('never grounds a quote with one changed token, unless the changed text really stands there', () => {
    const swaps = ['!==', '===', '&&', '||', '<', '<=', 'true', 'false', 'user', '0', '1', '', '!', 'x', ';'];
    let changed = 0;
    fc.assert(
      fc.property(range, fc.nat(), fc.constantFrom(...swaps), ({ file, lines, start }, pick, swap) => {
        const pieces = lines.join('\n').split(/([\p{L}\p{N}\p{M}_$]+|[=!<>&|+*/%^~?:-]+|[^\s])/u);
        const at = 2 * (pick % Math.floor(pieces.length / 2)) + 1;
        const quote = pieces.with(at, swap).join('');
        if (standsIn(quote, file)) return;
        changed++;
        const grounding = grounder.ground(claimOf(quote, { file: file.path, line: start }));
        expect(grounding.grounded).toBe(false);
      }),
      { numRuns: 3000 },
    );
    expect(changed).toBeGreaterThan(1500);
  });

  it('never grounds lines of another file that do not stand in this one', () => {
    fc.assert(
      fc.property(range, fc.constantFrom(...real), ({ lines }, file) => {
        fc.pre(!standsIn(lines.join('\n'), file));
        expect(grounder.ground(claimOf(lines.join('\n'), { file: file.path })).grounded).toBe(false);
      }),
    );
  });
});
