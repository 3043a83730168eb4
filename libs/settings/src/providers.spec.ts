import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { ProviderSettings, Settings } from './settings';

let folder: ConfigFolder;

beforeEach(() => (folder = new ConfigFolder()));
afterEach(() => folder.remove());

const provider = (settings: Settings, name: string): ProviderSettings =>
  settings.providers.find((entry) => entry.name === name)!;

describe('a [[provider]] block', () => {
  it('needs a name and a base URL, and has a value for everything else', () => {
    folder.write('providers.toml', providerBlock('acme'));
    expect(provider(folder.load(), 'acme')).toEqual({
      name: 'acme',
      dialect: 'openai_compatible',
      baseUrl: 'https://acme.example/v1',
      auth: 'bearer',
      keyVariables: ['ACME_API_KEY'],
      key: null,
      keySource: null,
      defaultModel: null,
      prefixes: ['acme'],
      family: null,
      connectMs: 10_000,
      firstTokenMs: 120_000,
      idleMs: 120_000,
      totalMs: 600_000,
      maxInflight: 10,
      explicitOnly: false,
      acceptUnlistedModels: false,
      priority: 100,
      fallbackOrder: [],
      allowedModels: null,
      preferredModels: [],
      speedModel: null,
      qualityModel: null,
      allowExpensiveFallback: null,
      description: '',
    });
  });

  it('says everything itself when it wants to', () => {
    folder.write(
      'providers.toml',
      providerBlock(
        'acme',
        'auth = "x_api_key"',
        'auth_env = ["ONE_KEY", "TWO_KEY"]',
        'default_model = "m"',
        'fallback_order = ["acme/n"]',
        'prefix = ["ac", "me"]',
        'family = "makers"',
        'timeout_s = 90.5',
        'first_token_timeout_s = 30',
        'idle_timeout_s = 20',
        'max_inflight = 0',
        'explicit_only = true',
        'accept_unlisted_models = true',
        'priority = 5',
        'description = "Why"',
      ),
    );
    expect(provider(folder.load(), 'acme')).toMatchObject({
      auth: 'x_api_key',
      keyVariables: ['ONE_KEY', 'TWO_KEY'],
      defaultModel: 'm',
      fallbackOrder: ['acme/n'],
      prefixes: ['acme', 'ac', 'me'],
      family: 'makers',
      totalMs: 90_500,
      firstTokenMs: 30_000,
      idleMs: 20_000,
      maxInflight: 0,
      explicitOnly: true,
      acceptUnlistedModels: true,
      priority: 5,
      description: 'Why',
    });
  });

  it('is beaten by the variables of its name', () => {
    folder.write(
      'providers.toml',
      providerBlock('acme', 'timeout_s = 90', 'max_inflight = 3', 'default_model = "m"'),
    );
    const settings = folder.load({
      ACME_BASE_URL: 'http://127.0.0.1:9/v1/',
      ACME_TIMEOUT_SECS: '1.5',
      ACME_FIRST_TOKEN_TIMEOUT_SECS: '1',
      ACME_IDLE_TIMEOUT_SECS: '0.5',
      MAX_INFLIGHT_ACME: '0',
      ACME_DEFAULT_MODEL: 'n',
      ACME_FALLBACK_ORDER: 'glm/a, b ,,c',
    });
    expect(provider(settings, 'acme')).toMatchObject({
      baseUrl: 'http://127.0.0.1:9/v1',
      totalMs: 1500,
      firstTokenMs: 1000,
      idleMs: 500,
      maxInflight: 0,
      defaultModel: 'n',
      fallbackOrder: ['glm/a', 'b', 'c'],
    });
    expect(settings.origins['ACME_TIMEOUT_SECS']).toBe('environment');
  });

  it('keeps its own clocks when a variable without a prefix changes the built-in ones', () => {
    folder.write('providers.toml', providerBlock('own', 'timeout_s = 180') + providerBlock('other'));
    const settings = folder.load({
      TIMEOUT_SECS: '400',
      FIRST_TOKEN_TIMEOUT_SECS: '310',
      IDLE_TIMEOUT_SECS: '50',
      CONNECT_TIMEOUT_SECS: '2',
    });
    const inherited = { firstTokenMs: 310_000, idleMs: 50_000, connectMs: 2000 };
    expect(provider(settings, 'own')).toMatchObject({ totalMs: 180_000, ...inherited });
    expect(provider(settings, 'other')).toMatchObject({ totalMs: 400_000, ...inherited });
    expect(settings.origins).toMatchObject({ OWN_TIMEOUT_SECS: 'file', OTHER_TIMEOUT_SECS: 'environment' });
  });

  it('may leave the first token to the total clock, whatever that becomes', () => {
    folder.write('providers.toml', providerBlock('local', 'first_token_timeout_s = "total"'));
    expect(provider(folder.load({ LOCAL_TIMEOUT_SECS: '900' }), 'local').firstTokenMs).toBe(900_000);
  });

  it('takes any dialect that the caller of the loader knows', () => {
    folder.write('providers.toml', providerBlock('acme', 'dialect = "anthropic"'));
    expect(folder.load({}, ['anthropic']).providers[0]?.dialect).toBe('anthropic');
  });
});

describe('the boot stops', () => {
  it('for a name that stands twice, with file, line and fix', () => {
    folder.write('providers.toml', `# top\n${providerBlock('acme')}\n${providerBlock('acme')}`);
    expect(folder.refusal().message).toBe(
      'providers.toml:7: the provider name "acme" stands twice, first in line 3. Rename or delete one of the two blocks',
    );
  });

  it('for an unknown key, with the line in the right block and the key that was meant', () => {
    folder.write(
      'providers.toml',
      providerBlock('one', 'timeout_s = 5') + providerBlock('two', 'timeuot_s = 5'),
    );
    expect(folder.refusal().message).toBe(
      'providers.toml:8: unknown key "timeuot_s" in [[provider]] "two". Did you mean "timeout_s"?',
    );
  });

  it('for an unknown key that resembles none, with the list of those that exist', () => {
    folder.write('providers.toml', providerBlock('one', 'colour = "red"'));
    expect(folder.refusal().message).toMatch(
      /:4: unknown key "colour".*The known keys are: name, base_url, /,
    );
  });

  it('for something that is no [[provider]] block at all', () => {
    folder.write('providers.toml', '[provider]\nname = "acme"\n');
    expect(folder.refusal().message).toMatch(
      /^providers\.toml:1: "provider" has a wrong value.*two brackets each/,
    );
    folder.write('providers.toml', `${providerBlock('one')}[[model]]\nid = "m"\n`);
    expect(folder.refusal().message).toMatch(/^providers\.toml:4: unknown key "model"/);
  });

  it.each([
    ['timeout_s = "600"', 'a number'],
    ['timeout_s = 0', 'above 0'],
    ['first_token_timeout_s = "never"', 'a number'],
    ['max_inflight = 1.5', 'a whole number'],
    ['explicit_only = "yes"', 'true or false, without quotes'],
    ['auth = "basic"', 'one of none, bearer, x_api_key, x_goog_api_key, api_key_query'],
    ['prefix = "a/b"', 'without the slash'],
    ['prefix = [1]', 'a list of strings'],
    ['family = "Kimi"', 'a lower-case word'],
    ['description = 1', 'a string in quotes'],
  ])('for `%s`, with the line and what is accepted', (line, accepted) => {
    folder.write('providers.toml', providerBlock('acme', 'priority = 1', line));
    const { message } = folder.refusal();
    expect(message).toMatch(/^providers\.toml:5: "\w+" has a wrong value\. It must be /);
    expect(message).toContain(accepted);
  });

  it.each([
    ['', 'a [[provider]] block has no name'],
    ['name = "Acme"', '"name" has a wrong value'],
    ['name = "auto"', '"auto" has its own meaning'],
    ['name = "acme"', 'provider "acme" has no base_url'],
    ['name = "acme"\nbase_url = "acme.example"', '"base_url" has a wrong value'],
    ['name = "acme"\nbase_url = "https://u:p@acme.example"', 'without user, password'],
  ])('for a block of only `%s`', (content, problem) => {
    folder.write('providers.toml', `[[provider]]\n${content}\n`);
    expect(folder.refusal().message).toContain(problem);
  });

  it('for a dialect that nobody speaks, with those that exist', () => {
    folder.write('providers.toml', providerBlock('acme', 'dialect = "klingon"'));
    expect(folder.refusal().message).toBe(
      'providers.toml:4: provider "acme" asks for the dialect "klingon", which is not known. The known dialects are: openai_compatible',
    );
  });

  it.each([
    'api_key = "canary"',
    'key = "canary"',
    'auth_env = "sk-canary0123456789abcdef"',
    'auth_env = "canary"',
    'description = "sk-canary0123456789abcdef"',
    'default_model = "Bearer sk-canary0123456789abcdef"',
  ])('for key material in a file (`%s`), without repeating it', (line) => {
    folder.write('providers.toml', providerBlock('acme', line));
    const { message } = folder.refusal();
    expect(message).toMatch(
      /^providers\.toml:4: .*no key stands in a configuration file\. .*environment variable/,
    );
    expect(message).not.toContain('sk-canary');
    expect(message).not.toContain('"canary"');
  });

  it('for a prefix that already means another provider', () => {
    folder.write('providers.toml', providerBlock('one', 'prefix = "two"') + providerBlock('two'));
    expect(folder.refusal().message).toMatch(/^providers\.toml:4: the prefix "two" .* means provider "two"/);
    folder.write(
      'providers.toml',
      providerBlock('one', 'prefix = "x"') + providerBlock('two', 'prefix = "x"'),
    );
    expect(folder.refusal().message).toMatch(/^providers\.toml:8: the prefix "x" .* means provider "one"/);
  });

  it('for a family with the name of a provider outside it', () => {
    folder.write('providers.toml', providerBlock('kimi') + providerBlock('moonshot', 'family = "kimi"'));
    expect(folder.refusal().message).toMatch(
      /^providers\.toml:7: the family "kimi" has the name of a provider/,
    );
  });

  it.each([
    ['idle', 'IDLE_TIMEOUT_SECS'],
    ['total', 'MAX_INFLIGHT_TOTAL'],
    ['first_token', 'FIRST_TOKEN_TIMEOUT_SECS'],
  ])('for the name %s, since %s means something else', (name, variable) => {
    folder.write('providers.toml', providerBlock(name));
    expect(folder.refusal().message).toContain(`makes ${variable} ambiguous`);
  });
});
