import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wireErrors } from '../../libs/settings/src/docs/wire-errors';

const ROOT = join(__dirname, '..', '..');
const LIST = join(__dirname, '..', 'fixtures', 'documented-errors.json');

/** Every error that a provider documents, by name: what is taken out of the fixtures must be taken out here too. */
const listed = JSON.parse(readFileSync(LIST, 'utf8')) as Readonly<Record<string, readonly string[]>>;
const recorded = wireErrors(ROOT);

/** The rows of each provider's table in docs/errors.md, by their first cells. */
function shown(): Record<string, string[]> {
  const page = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8');
  const chapters = page.split(/^### /m).slice(1);
  return Object.fromEntries(
    chapters.map((chapter) => {
      const [name = '', ...lines] = chapter.split('\n');
      const rows = lines.filter((line) => line.startsWith('|')).slice(2);
      return [name.trim(), rows.map((row) => (row.split(/(?<!\\)\|/)[1] ?? '').trim())];
    }),
  );
}

describe('the errors that providers document', () => {
  it('are all recorded by their names, and no others', () => {
    const names = [...recorded].map(([provider, errors]) => [
      provider,
      errors.map(({ says }) => says).sort(),
    ]);
    expect(Object.fromEntries(names)).toEqual(listed);
  });

  it.each(Object.entries(listed))(
    'of %s stand in docs/errors.md, each in a row of its own',
    (provider, names) => {
      const escaped = names.map((name) => name.replaceAll('|', '\\|'));
      expect([...(shown()[provider] ?? [])].sort()).toEqual([...escaped].sort());
    },
  );
});
