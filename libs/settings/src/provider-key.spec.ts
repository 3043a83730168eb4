import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { Environment } from './environment';
import { isPlaceholder } from './provider-key';
import { refusalOf } from './owned-file';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('acme', 'auth_env = ["ONE_KEY", "TWO_KEY"]'));
});
afterEach(() => folder.remove());

const withFallbackFiles = (...files: readonly string[]): void => {
  const list = files.map((file) => `"${file}"`).join(', ');
  folder.write(
    'providers.toml',
    providerBlock('acme', 'auth_env = "ONE_KEY"', `auth_fallback_files = [${list}]`),
  );
};

const keyOf = (env: Environment): readonly (string | null | undefined)[] => {
  const [acme] = folder.load(env).providers;
  return [acme?.key?.reveal(), acme?.keySource];
};

describe('the search for a key', () => {
  it('takes the variables in their order', () => {
    expect(keyOf({ TWO_KEY: 'second' })).toEqual(['second', 'TWO_KEY']);
    expect(keyOf({ TWO_KEY: 'second', ONE_KEY: 'first' })).toEqual(['first', 'ONE_KEY']);
  });

  it('looks at every variable before any file, and at the named files before the fallback files', () => {
    const named = folder.write('named', 'from-named\n');
    folder.write('keys.env', 'ONE_KEY=from-fallback\n');
    withFallbackFiles('keys.env');
    expect(keyOf({ ONE_KEY: 'plain', ONE_KEY_FILE: named })).toEqual(['plain', 'ONE_KEY']);
    expect(keyOf({ ONE_KEY_FILE: named })).toEqual(['from-named', named]);
    expect(keyOf({})).toEqual(['from-fallback', join(folder.path, 'keys.env')]);
  });

  it('strips the white space and the quotes around a key', () => {
    expect(keyOf({ ONE_KEY: ' "quoted" ' })[0]).toBe('quoted');
  });

  it('passes over a placeholder with a warning that names the variable only', () => {
    const settings = folder.load({ ONE_KEY: 'your_canary_key', TWO_KEY: 'real' });
    expect(settings.providers[0]?.keySource).toBe('TWO_KEY');
    expect(settings.warnings).toEqual(['ONE_KEY holds a placeholder and counts as missing.']);
  });

  it('does not look for the key of a provider that needs none', () => {
    folder.write('providers.toml', providerBlock('acme', 'auth = "none"'));
    const [acme] = folder.load({ ACME_API_KEY: 'k' }).providers;
    expect(acme).toMatchObject({ key: null, keyVariables: [] });
  });

  it('stops for a key that could not travel in a header, without repeating it', () => {
    const { message } = folder.refusal({ ONE_KEY: 'canary one\ntwo' });
    expect(message).toMatch(/^ONE_KEY holds a space, a line break/);
    expect(message).not.toContain('canary');
  });

  it('stops for a named file that does not exist', () => {
    expect(folder.refusal({ ONE_KEY_FILE: '/nonexistent/key' }).message).toMatch(
      /^ONE_KEY_FILE names \/nonexistent\/key, which does not exist/,
    );
  });
});

describe('a fallback file', () => {
  it('may hold strict KEY=value lines, of which the rest is passed over', () => {
    folder.write('.env', '# note\nexport ONE_KEY=no\n ONE_KEY : no\nTWO_KEY=other\nONE_KEY="yes"\n');
    withFallbackFiles('~/.env');
    expect(keyOf({})[0]).toBe('yes');
  });

  it('may hold a JSON object', () => {
    folder.write('keys.json', '{ "ONE_KEY": "from-json", "list": [1] }');
    withFallbackFiles('keys.json');
    expect(keyOf({})[0]).toBe('from-json');
  });

  it('may be missing, and the next one is read', () => {
    folder.write('second', 'ONE_KEY=two\n');
    withFallbackFiles('~/missing', 'second');
    expect(keyOf({})[0]).toBe('two');
  });

  it('is not read when a variable has the key', () => {
    folder.write('open', 'ONE_KEY=x\n', 0o644);
    withFallbackFiles('open');
    expect(keyOf({ ONE_KEY: 'k' })[0]).toBe('k');
  });

  it('is refused when it is broken JSON, without repeating it', () => {
    folder.write('keys.json', '{ "ONE_KEY": canary');
    withFallbackFiles('keys.json');
    const { message } = folder.refusal();
    expect(message).toMatch(/keys\.json, which is not valid JSON\. Make it one JSON object/);
    expect(message).not.toContain('canary');
  });
});

describe('a file with keys is refused', () => {
  const REASONS = ['auth_fallback_files', 'ONE_KEY_FILE'] as const;
  const refusalFor = (reason: (typeof REASONS)[number], path: string): string => {
    if (reason === 'ONE_KEY_FILE') return folder.refusal({ ONE_KEY_FILE: path }).message;
    withFallbackFiles(path);
    return folder.refusal().message;
  };

  it.each(REASONS)('when others may read it (%s), with its mode and the fix', (reason) => {
    const path = folder.write('open', 'ONE_KEY=canary\n');
    chmodSync(path, 0o640);
    expect(refusalFor(reason, path)).toBe(
      `${reason} names ${path}, which is refused: its mode is 0640, wider than 0600. Run chmod 600 on it`,
    );
  });

  it.each(REASONS)('when it is a link (%s)', (reason) => {
    const link = join(folder.path, 'link');
    symlinkSync(folder.write('real', 'ONE_KEY=canary\n'), link);
    expect(refusalFor(reason, link)).toContain('it is a symbolic link');
  });

  it.each(REASONS)('when it is a directory (%s)', (reason) => {
    const path = join(folder.path, 'directory');
    mkdirSync(path);
    expect(refusalFor(reason, path)).toContain('it is not a regular file');
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('when it belongs to another user', () => {
    const path = folder.write('foreign', 'ONE_KEY=canary\n');
    chownSync(path, 65_534, 65_534);
    expect(refusalFor('auth_fallback_files', path)).toContain('it belongs to another user');
  });

  it('unless it belongs to the running user or to root, with mode 0600 or less', () => {
    const file = (mode: number, uid: number) => ({ mode, uid, isFile: () => true });
    expect(refusalOf(file(0o100600, 1000), 1000)).toBeNull();
    expect(refusalOf(file(0o100400, 0), 1000)).toBeNull();
    expect(refusalOf(file(0o100600, 1001), 1000)?.problem).toBe('it belongs to another user');
    expect(refusalOf(file(0o100700, 1000), 1000)?.problem).toBe('its mode is 0700, wider than 0600');
  });
});

describe('a placeholder', () => {
  it.each([
    '',
    ' ',
    'your_kimi_api_key',
    'YOUR-KEY',
    'changeme',
    'change_me',
    'xxx',
    'XXXXXXXX',
    '<your key>',
    '"changeme"',
  ])('is what example files hold: `%s`', (value) => expect(isPlaceholder(value)).toBe(true));
  it.each([
    'sk-your-key-here',
    'sk-xxxxxxxx',
    'sk-kimi-xxxx',
    'sk-...',
    '${KIMI_API_KEY}',
    'placeholder',
    'todo',
  ])('is also `%s`', (value) => expect(isPlaceholder(value)).toBe(true));
  it.each(['sk-kimi-Yx8', 'yourself', 'xx', 'test-key', 'a.b', 'sk-proj-xyourx'])('is not `%s`', (value) =>
    expect(isPlaceholder(value)).toBe(false),
  );
});

describe('a swapped Kimi key', () => {
  const kimis = providerBlock('kimi') + providerBlock('moonshot');
  it('is warned of on both sides, without the key', () => {
    folder.write('providers.toml', kimis);
    const { warnings } = folder.load({ KIMI_API_KEY: 'sk-canary', MOONSHOT_API_KEY: 'sk-kimi-canary' });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^KIMI_API_KEY holds no key of Kimi For Coding/);
    expect(warnings[1]).toMatch(/^MOONSHOT_API_KEY holds a key of Kimi For Coding/);
    expect(warnings.join()).not.toContain('canary');
  });

  it('is not seen where each key is in its place', () => {
    folder.write('providers.toml', kimis);
    expect(folder.load({ KIMI_API_KEY: 'sk-kimi-a', MOONSHOT_API_KEY: 'sk-a' }).warnings).toEqual([]);
  });
});
