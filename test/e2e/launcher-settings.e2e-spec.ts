import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../support/launchers';
import { ROOT, scratchDirectory } from '../support/scratch';

jest.setTimeout(60_000);

/** What `npm start` says to settings that stop it; no store may have been touched. */
async function refusalOf(env: Readonly<Record<string, string>>): Promise<string> {
  const dataDir = join(scratchDirectory('start'), 'data');
  const start = launch(['scripts/start.mjs'], { LONGHAUL_DATA_DIR: dataDir, ...env });
  expect(await start.exited).toBe(1);
  expect(existsSync(dataDir)).toBe(false);
  return start.output();
}

function configWith(file: string, text: string): Readonly<Record<string, string>> {
  const directory = scratchDirectory('config');
  cpSync(join(ROOT, 'config'), directory, { recursive: true });
  writeFileSync(join(directory, file), text);
  return { LONGHAUL_CONFIG_DIR: directory };
}

describe('npm start with settings that no app takes', () => {
  it.each([
    ['a value of the wrong kind', { LEASE_SECS: 'soon' }, /cannot start: .*LEASE_SECS/],
    ['an address for everybody without keys', { HOST: '0.0.0.0' }, /LONGHAUL_API_KEYS_FILE/],
    ['a file of keys that is not there', { LONGHAUL_API_KEYS_FILE: '/nowhere/keys.json' }, /does not exist/],
  ])('says so before any store is up: %s', async (_, env, words) => {
    expect(await refusalOf(env)).toMatch(words);
  });

  it('names the file and the line of a bad one', async () => {
    expect(await refusalOf(configWith('longhaul.toml', 'port = 3000\nport_of_call = 1\n'))).toMatch(
      /longhaul\.toml:2: .*port_of_call/,
    );
    expect(await refusalOf(configWith('providers.toml', '[[provider]]\nname = = 1\n'))).toMatch(
      /providers\.toml:2/,
    );
  });

  it('never repeats a key', async () => {
    const text = await refusalOf({ MOONSHOT_API_KEY: 'lh-one lh-two' });
    expect(text).toContain('MOONSHOT_API_KEY');
    expect(text).not.toContain('lh-one');
  });
});
