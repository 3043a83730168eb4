import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { renderEnvExample } from './docs/env-example';
import { loadSettings } from './load-settings';
import { ALL_OPTIONS } from './all-options';
import { ConfigFolder } from './config-folder.fixtures';
import { keyOf } from './option';
import { POLICY_TABLES } from './option-values';
import { isPlaceholder } from './provider-key';
import { parseToml } from './toml-file';

const configDir = join(__dirname, '../../../config');
const load = (env: Record<string, string>) => loadSettings({ env, configDir, homeDir: '/nonexistent' });

/** A commented file as it would be with every comment that is a setting taken away. */
const uncommented = (text: string, setting: RegExp): string =>
  text
    .split('\n')
    .map((line) => (setting.test(line) ? line.slice(2) : line))
    .join('\n');

describe('the configuration that ships', () => {
  const settings = load({});

  it('loads without a warning on a machine that has nothing set', () => {
    expect(settings.warnings).toEqual([]);
  });

  it('has the promised providers, of which only the sandbox and ollama need no key', () => {
    const names = settings.providers.map(({ name }) => name);
    expect(names.sort()).toEqual(
      [
        ...['anthropic', 'gemini', 'glm', 'kimi', 'moonshot', 'ollama', 'ollama_cloud', 'openai'],
        ...['openrouter', 'sandbox'],
      ].sort(),
    );
    const keyless = settings.providers.filter(({ auth }) => auth === 'none').map(({ name }) => name);
    expect(keyless.sort()).toEqual(['ollama', 'sandbox']);
  });

  it('lets policy choose neither the sandbox nor Kimi For Coding', () => {
    const explicit = settings.providers.filter(({ explicitOnly }) => explicitOnly).map(({ name }) => name);
    expect(explicit.sort()).toEqual(['kimi', 'sandbox']);
  });

  it('has the clocks and caps that the design names', () => {
    const of = (name: string) => settings.providers.find((provider) => provider.name === name);
    expect(of('kimi')).toMatchObject({ totalMs: 600_000, maxInflight: 10, firstTokenMs: 120_000 });
    expect(of('openrouter')).toMatchObject({ totalMs: 180_000 });
    expect(of('ollama')).toMatchObject({ totalMs: 600_000, firstTokenMs: 600_000, maxInflight: 2 });
    expect(of('ollama_cloud')).toMatchObject({
      keyVariables: ['OLLAMA_CLOUD_KEY', 'OLLAMA_API_KEY'],
      prefixes: ['ollama_cloud', 'cloud'],
    });
    expect(settings.policy.providerOrder).toEqual([
      ...['moonshot', 'kimi', 'glm', 'openrouter', 'openai', 'anthropic', 'gemini'],
      ...['ollama_cloud', 'ollama', 'sandbox'],
    ]);
  });

  it.each([
    ['longhaul.toml', []],
    ['policy.toml', POLICY_TABLES],
  ] as const)(
    'has each setting of %s once, and its built-in value where it is commented out',
    (name, tables) => {
      const text = readFileSync(join(configDir, name), 'utf8');
      const { top } = parseToml(uncommented(text, /^# ([a-z_]+ = |\[)/), name);
      const options = Object.entries(ALL_OPTIONS).filter(([, option]) => option.file === name);
      expect(Object.keys(top).sort()).toEqual(
        [...options.map(([variable]) => keyOf(variable)), ...tables].sort(),
      );
      for (const [variable, option] of options) {
        const isCommentedOut = text.includes(`\n# ${keyOf(variable)} = `);
        if (option.builtIn !== null && isCommentedOut) expect(top[keyOf(variable)]).toEqual(option.builtIn);
      }
    },
  );

  it('states in policy.toml nothing that its own reader would refuse, examples included', () => {
    const folder = new ConfigFolder();
    for (const name of ['providers.toml', 'models.toml']) {
      folder.write(name, readFileSync(join(configDir, name), 'utf8'));
    }
    const text = readFileSync(join(configDir, 'policy.toml'), 'utf8');
    folder.write('policy.toml', uncommented(text, /^# ([a-z_]+ = |\[)/));
    const { policy } = folder.load();
    folder.remove();
    expect(policy.tiers.intentWeights['review']).toMatchObject({ data: 0.3, output: 0.1 });
  });
});

describe('.env.example', () => {
  const text = renderEnvExample(load({}));
  const variables = [...text.matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? '');

  it('has each variable once, commented out', () => {
    expect(variables).toEqual([...new Set(variables)]);
    expect(parseEnv(text)).toEqual({});
    const known = Object.keys(load({}).origins);
    expect(variables).toEqual(expect.arrayContaining(known));
  });

  it('changes nothing when everything is uncommented: keys are placeholders, the rest are the built-in values', () => {
    const env = parseEnv(uncommented(text, /^# [A-Z][A-Z0-9_]*=/)) as Record<string, string>;
    const plain = load({});
    const full = load(env);
    const keys = variables.filter((name) => /_KEY$/.test(name));
    expect(keys.every((name) => isPlaceholder(env[name] ?? ''))).toBe(true);
    expect(full.warnings).toHaveLength(keys.length);
    const without = { origins: {}, effective: [], warnings: [] };
    expect({ ...full, ...without }).toEqual({ ...plain, ...without });
  });
});
