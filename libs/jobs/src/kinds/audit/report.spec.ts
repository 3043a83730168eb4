import fc from 'fast-check';
import { ReportedJob } from '../kind';
import { parseAnswer } from './parse';
import { renderReport } from './report';
import { assemble } from './result';
import { readSource } from './source';

const job: ReportedJob = {
  id: 'job_1',
  resolved: { provider: 'sandbox', model: 'reviewer' },
  createdAt: new Date('2026-01-02T03:04:05Z'),
  completedAt: new Date('2026-01-02T03:04:17.5Z'),
  costUsd: null,
};
const files = [
  readSource({ path: 'src/a|b.ts', content: 'const fence = "````";\n<script>alert(1)</script>\n' }),
];
const item = {
  file: 'src/a|b.ts',
  line: 1,
  quote: 'const fence = "````";',
  title: 'Fence',
  severity: 'high',
  explanation: 'It breaks.',
};

function report(
  items: unknown[],
  { note, complete = true }: { note?: string; complete?: boolean } = {},
): string {
  const answer = parseAnswer(JSON.stringify({ findings: items, note }));
  if (answer === null) throw new Error('The answer was not readable.');
  return renderReport(job, JSON.parse(JSON.stringify(assemble(files, answer, complete))));
}

describe('the audit report', () => {
  it('begins with the job, the model, the time and the cost', () => {
    expect(report([])).toContain(
      [
        '# Audit report',
        '',
        '- Job: `job_1`',
        '- Model: `sandbox/reviewer`',
        '- Submitted: 2026-01-02T03:04:05.000Z',
        '- Ended: 2026-01-02T03:04:17.500Z (after 12.5 s)',
        '- Cost: unpriced',
        '',
        '## Coverage',
        '',
        '1 file, 2 lines, sent whole in one call.',
      ].join('\n'),
    );
  });

  it.each([
    [0, '0.00 USD'],
    [1.5, '1.50 USD'],
    [0.000123, '0.000123 USD'],
  ])('shows a cost of %d as %s', (costUsd, shown) => {
    const output = assemble(files, { claims: [], unreadable: 0, note: null, closed: true }, true);
    expect(renderReport({ ...job, costUsd }, output)).toContain(`- Cost: ${shown}`);
    expect(renderReport({ ...job, completedAt: null }, output)).toContain('- Ended: not yet');
  });

  it('lists each finding with its place and the source in a fence that it cannot close', () => {
    const text = report([item]);
    expect(text).toContain('1 finding: 1 high.');
    expect(text).toContain('| f1 | high | `src/a\\|b.ts:1` | Fence |');
    expect(text).toContain(
      '### f1. Fence\n\n`src/a|b.ts:1`, high, quote exact\n\n`````\nconst fence = "````";\n`````\n\nIt breaks.',
    );
  });

  it('shows what was withheld, apart, with its reason', () => {
    const text = report([item, { ...item, quote: 'throw new Error("never");', title: 'Invented' }]);
    expect(text).toContain('2 claims: 1 found in the files, 1 withheld, 0 unreadable.');
    expect(text.slice(text.indexOf('## Withheld'))).toContain(
      '- **Invented** (src/a\\|b.ts:1), `quote_not_found`:',
    );
    expect(report([item])).not.toContain('## Withheld');
  });

  it('never presents an empty or a cut-off audit as a clean one', () => {
    expect(report([])).toContain('That does not prove that there is nothing to find.');
    expect(report([])).not.toContain('not complete');
    expect(report([item], { complete: false })).toContain('**This audit is not complete');
    expect(report([item, 5])).toContain('**This audit is not complete');
  });

  it('refuses an output that is none', () => {
    for (const output of [null, undefined, {}, 'text', { text: 'a chat' }])
      expect(() => renderReport(job, output)).toThrow('Job job_1 ended without an audit result');
  });

  it('has no raw HTML and no link of the model in it, whatever the model writes', () => {
    const hostile = fc
      .array(
        fc.constantFrom(
          '<script',
          '<img src=x>',
          '](http',
          '![a](http://x)',
          '[',
          '`',
          '\\',
          '\n',
          ' ',
          'a',
          '|',
          '```\n',
        ),
        { minLength: 1 },
      )
      .map((parts) => `x${parts.join('')}`);
    const model = fc.record({ file: hostile, title: hostile, quote: hostile, explanation: hostile });
    fc.assert(
      fc.property(fc.array(model), hostile, (items, note) => {
        const grounded = items.map((each) => ({ ...each, file: item.file, quote: item.quote }));
        const text = report([...items, ...grounded], { note });
        expect(text).not.toContain('<script');
        expect(text).not.toContain('<img');
        expect(text).not.toContain('](http');
      }),
    );
  });
});
