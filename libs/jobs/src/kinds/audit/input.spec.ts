import { GatewayError } from '@longhaul/contract';
import { parseAuditInput } from './input';

const file = { path: 'src/a.ts', content: 'const a = 1;\n' };
const good = { instruction: 'Find bugs.', files: [file] };

function faultsOf(input: unknown): string[] {
  try {
    parseAuditInput(input);
  } catch (thrown) {
    return (GatewayError.from(thrown).detail.faults ?? []).map((fault) => `${fault.pointer} ${fault.detail}`);
  }
  throw new Error('The input was accepted.');
}

describe('audit input', () => {
  it('takes an instruction and files, empty ones among them', () => {
    const input = {
      ...good,
      files: [file, { path: 'src/empty file [1].ts', content: '' }],
      max_output_tokens: 100,
    };
    expect(parseAuditInput(input)).toEqual(input);
  });

  it.each([
    ...[
      '',
      '/etc/passwd',
      '../a',
      'a/../b',
      'a/./b',
      './a',
      'a//b',
      'a/',
      'C:/a',
      'c:a',
      'a\\b',
      'a\u0000',
      'a\nb',
    ],
    ...['a"b', 'a<b', 'a>b', 'a\u2028b', '\ud800', 'a/ /b', 'x'.repeat(401), 5, null],
  ])('refuses the path %j', (path) => {
    const faults = faultsOf({ ...good, files: [file, { ...file, path }] });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^\/input\/files\/1\/path must be a relative path/);
  });

  it('refuses a path that was given before, and points at the first', () => {
    expect(faultsOf({ ...good, files: [file, { ...file, path: 'b' }, file] })).toEqual([
      '/input/files/2/path must be unique, but /input/files/0/path is the same.',
    ]);
  });

  it('refuses an audit of nothing, which could only end as a clean one', () => {
    expect(faultsOf({ instruction: ' ', files: [{ path: 'a', content: ' \n' }] })).toEqual([
      '/input/instruction must say what to look for, not only spaces.',
      '/input/files must hold at least one file that is not blank.',
    ]);
  });

  it.each([
    [{ ...good, instruction: 'x'.repeat(8001) }, '/input/instruction must be text of 1 to 8000 characters'],
    [{ ...good, files: [] }, '/input/files must be a list of 1 to 500 objects.'],
    [
      { ...good, files: Array.from({ length: 501 }, (_, n) => ({ ...file, path: `f${String(n)}` })) },
      '/input/files must be a list',
    ],
    [{ ...good, files: [{ path: 'a', content: 'a\u0000' }] }, '/input/files/0/content must be text'],
    [{ ...good, files: [{ path: 'a' }] }, '/input/files/0/content is required; it must be text'],
    [{ ...good, depth: 'quick' }, '/input/depth is not a known field'],
  ])('refuses other faults with their pointer (%#)', (input, fault) => {
    expect(faultsOf(input)).toHaveLength(1);
    expect(faultsOf(input)[0]).toContain(fault);
  });
});
