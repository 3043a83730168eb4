import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ROOT } from './source-files';

interface Patch {
  readonly name: string;
  readonly file: string;
  readonly defect?: string;
  readonly breaks?: string;
  readonly run?: string;
}
interface Known {
  readonly patches: readonly Patch[];
  readonly required: readonly string[];
  readonly invariants: readonly { readonly name: string; readonly isTime: boolean }[];
}

/** As the bench itself reads them. */
const ASK = `
  import { patches, REQUIRED } from './test/faults/sabotage/patches.mjs';
  import { INVARIANTS } from './test/faults/bench/invariants/index.mjs';
  import { readOptions } from './test/faults/bench/options.mjs';
  const all = patches();
  for (const { run } of all) readOptions((run ?? '').split(' '));
  const invariants = INVARIANTS.map(({ name, isTime = false }) => ({ name, isTime }));
  process.stdout.write(JSON.stringify({ patches: all, required: REQUIRED, invariants }));`;

const known = JSON.parse(
  execFileSync(process.execPath, ['--input-type=module', '-e', ASK], { cwd: ROOT, encoding: 'utf8' }),
) as Known;
const { patches, required } = known;
/** A busy machine may miss a bound of time without any defect. */
const invariants = known.invariants.filter(({ isTime }) => !isTime).map(({ name }) => name);

describe('the sabotage of the fault bench', () => {
  it('has every defect that the bench must find, and eight more', () => {
    const names = patches.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...required]));
    expect(names.length).toBeGreaterThanOrEqual(required.length + 8);
  });

  it.each(patches)('$name says what is wrong, what it breaks and which run shows it', (patch) => {
    expect(patch.defect).toMatch(/^[A-Z].+\.$/);
    expect(invariants).toContain(patch.breaks);
    expect(patch.run).toContain('--seed');
  });

  it.each(patches)('$name applies to the sources as they are', ({ file }) => {
    expect(() => execFileSync('git', ['apply', '--check', file], { cwd: ROOT, stdio: 'pipe' })).not.toThrow();
  });

  it.each(patches)('$name touches the product alone', ({ file }) => {
    const touched = [...readFileSync(file, 'utf8').matchAll(/^\+\+\+ b\/(.+)$/gm)].map(
      ([, source = '']) => source,
    );
    expect(touched.length).toBeGreaterThan(0);
    for (const source of touched) expect(source).toMatch(/^libs\/\w+\/src\/[\w.-]+\.ts$/);
  });
});
