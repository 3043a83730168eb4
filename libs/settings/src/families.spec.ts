import { ConfigFolder, providerBlock } from './config-folder.fixtures';

const MODELS = [
  ['moonshot', 'kimi-k2.6'],
  ['kimi', 'kimi-for-coding'],
]
  .map(([provider, id]) => `[[model]]\nid = "${id}"\nprovider = "${provider}"\n`)
  .join('');

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write(
    'providers.toml',
    [
      providerBlock('kimi', 'family = "kimi"', 'priority = 20', 'default_model = "kimi-for-coding"'),
      providerBlock('moonshot', 'family = "kimi"', 'priority = 10', 'default_model = "kimi-k2.6"'),
      providerBlock('glm', 'priority = 30'),
      providerBlock('ollama', 'priority = 40'),
    ].join('\n'),
  );
  folder.write('models.toml', MODELS);
});
afterEach(() => folder.remove());

describe("a family's variables", () => {
  const defaults = (env: Record<string, string>): unknown =>
    Object.fromEntries(folder.load(env).providers.map(({ name, defaultModel }) => [name, defaultModel]));

  it('give the fallback order to every member, unless it has its own', () => {
    const { providers } = folder.load({ KIMI_FALLBACK_ORDER: 'a,b', MOONSHOT_FALLBACK_ORDER: 'c' });
    const orders = providers.map(({ name, fallbackOrder }) => [name, fallbackOrder]);
    expect(orders.slice(0, 3)).toEqual([
      ['kimi', ['a', 'b']],
      ['moonshot', ['c']],
      ['glm', []],
    ]);
    expect(folder.load({ KIMI_FALLBACK_ORDER: 'a' }).providers[1]?.fallbackOrder).toEqual(['a']);
  });

  it('give the default model to the member that lists it', () => {
    expect(defaults({ KIMI_DEFAULT_MODEL: 'kimi-k2.6' })).toMatchObject({
      kimi: 'kimi-for-coding',
      moonshot: 'kimi-k2.6',
    });
    folder.write('models.toml', `${MODELS}[[model]]\nid = "other"\nprovider = "moonshot"\naliases = ["o"]\n`);
    expect(defaults({ KIMI_DEFAULT_MODEL: 'o' })).toMatchObject({ kimi: 'kimi-for-coding', moonshot: 'o' });
    expect(defaults({ KIMI_DEFAULT_MODEL: 'o', MOONSHOT_DEFAULT_MODEL: 'mine' })).toMatchObject({
      moonshot: 'mine',
    });
  });

  it('give a default model that no member lists to the first one, with a warning', () => {
    expect(defaults({ KIMI_DEFAULT_MODEL: 'new' })).toMatchObject({
      kimi: 'kimi-for-coding',
      moonshot: 'new',
    });
    expect(folder.load({ KIMI_DEFAULT_MODEL: 'new' }).warnings[0]).toMatch(
      /^KIMI_DEFAULT_MODEL names a model that no provider of the family "kimi" lists; moonshot gets it/,
    );
  });
});
