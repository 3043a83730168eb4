import { Claim } from './claim';
import { assemble } from './result';
import { readSource } from './source';

const files = [
  readSource({ path: 'b.ts', content: 'const first = 1;\nconst second = 2;\n' }),
  readSource({ path: 'a.ts', content: 'let third = first == second;\n' }),
];
const claim = (more: Partial<Claim>): Claim => ({
  file: 'b.ts',
  line: 2,
  quote: 'const second = 2;',
  title: 'T',
  severity: 'low',
  explanation: 'E',
  ...more,
});
const answer = (claims: Claim[], unreadable = 0) => ({ claims, unreadable, note: 'N', closed: true });

describe('assembling the audit', () => {
  it('shows our own whole lines with their real numbers beside the claimed one', () => {
    const { findings } = assemble(
      files,
      answer([claim({ file: 'a.ts', line: 9, quote: 'first == second' })]),
      true,
    );
    expect(findings).toEqual([
      {
        id: 'f1',
        title: 'T',
        severity: 'low',
        file: 'a.ts',
        start_line: 1,
        end_line: 1,
        quote: 'let third = first == second;',
        explanation: 'E',
        grounding: 'exact',
        claimed_line: 9,
      },
    ]);
  });

  it('sorts by severity, path and line, and numbers in that order', () => {
    const claims = [
      claim({}),
      claim({ quote: 'const first = 1;' }),
      claim({ file: 'a.ts', quote: 'first == second' }),
      claim({ severity: 'critical' }),
      claim({ severity: 'medium', title: 'M' }),
      claim({ severity: 'high', title: 'H' }),
    ].map((each, index) => ({ ...each, title: `T${String(index)}` }));
    const { findings } = assemble(files, answer(claims), true);
    expect(findings.map(({ id, title }) => `${id} ${title}`)).toEqual([
      'f1 T3',
      'f2 T5',
      'f3 T4',
      'f4 T2',
      'f5 T1',
      'f6 T0',
    ]);
  });

  it('withholds what it cannot find, with the reason and the start of the quote', () => {
    const invented = `throw new Error("${'x'.repeat(300)}");`;
    const { findings, withheld } = assemble(
      files,
      answer([claim({ quote: invented }), claim({ file: 'z.ts' })]),
      true,
    );
    expect(findings).toEqual([]);
    expect(withheld[0]).toMatchObject({
      reason: 'quote_not_found',
      detail: 'The quoted text does not stand in b.ts.',
      file: 'b.ts',
      claimed_line: 2,
    });
    expect(withheld[0]?.quote).toBe(`${invented.slice(0, 199)}…`);
    expect(withheld[1]).toMatchObject({ reason: 'unknown_file', file: 'z.ts' });
  });

  it('lists the same finding once', () => {
    const { findings, withheld } = assemble(
      files,
      answer([claim({}), claim({ title: 't' }), claim({ title: 'U' })]),
      true,
    );
    expect(findings).toHaveLength(2);
    expect(withheld).toMatchObject([{ reason: 'duplicate' }]);
  });

  it('looks up five hundred claims and says of the rest that it did not', () => {
    const claims = Array.from({ length: 502 }, (_, index) => claim({ title: `T${String(index)}` }));
    const { findings, withheld } = assemble(files, answer(claims), true);
    expect(findings).toHaveLength(500);
    expect(withheld.map(({ reason }) => reason)).toEqual(['over_limit', 'over_limit']);
  });

  it('counts every claim once, and calls itself complete only when nothing was lost', () => {
    const claims = [claim({}), claim({}), claim({ quote: 'not there at all' })];
    const output = assemble(files, answer(claims, 2), true);
    expect(output.quality).toEqual({ claimed: 5, grounded: 1, withheld: 2, unreadable: 2 });
    expect(output.coverage).toEqual({ files: 2, lines: 3, complete: false });
    expect(output.note).toBe('N');
    expect(assemble(files, answer([]), true).coverage.complete).toBe(true);
    expect(assemble(files, answer([]), false).coverage.complete).toBe(false);
  });
});
