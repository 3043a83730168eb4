import { ConfigFolder, providerBlock } from './config-folder.fixtures';

let folder: ConfigFolder;

beforeEach(() => (folder = new ConfigFolder()));
afterEach(() => folder.remove());

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
    ['requests_per_minute = 0', 'a whole number from 1'],
    ['tokens_per_day = -1', 'a whole number from 1'],
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

  it.each([
    [
      'keep_alive = "soon"',
      'dialect = "ollama"',
      {},
      '"keep_alive" has a wrong value. It must be seconds or',
    ],
    ['hosted = 1', 'dialect = "ollama"', {}, '"hosted" has a wrong value'],
    ['keep_alive = 5', '', {}, '"keep_alive" is for the dialect ollama alone'],
    ['hosted = true', '', {}, '"hosted" is for the dialect ollama alone'],
    ['', '', { ACME_KEEP_ALIVE: '5m' }, 'ACME_KEEP_ALIVE is for the dialect ollama alone'],
    ['', 'dialect = "ollama"', { ACME_KEEP_ALIVE: '5 d' }, 'ACME_KEEP_ALIVE has a wrong value'],
  ])('for loading that cannot be meant: %s, %s, %j', (...[line, dialect, env, problem]) => {
    folder.write('providers.toml', providerBlock('acme', dialect, line));
    expect(folder.refusal(env).message).toContain(problem);
  });

  it('for a dialect that nobody speaks, with those that exist', () => {
    folder.write('providers.toml', providerBlock('acme', 'dialect = "klingon"'));
    expect(folder.refusal({}, { knownDialects: ['openai_compatible'] }).message).toBe(
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

  it('for more than eight fallbacks, in the file and in the variable', () => {
    const nine = Array.from({ length: 9 }, (_, index) => `m${String(index)}`);
    folder.write(
      'providers.toml',
      providerBlock('acme', `fallback_order = ${JSON.stringify(nine.slice(1))}`),
    );
    expect(folder.load().providers[0]?.fallbackOrder).toHaveLength(8);
    expect(folder.refusal({ ACME_FALLBACK_ORDER: nine.join() }).message).toMatch(
      /^ACME_FALLBACK_ORDER names 9 fallbacks, and 8 are the most\. Leave some out/,
    );
    folder.write('providers.toml', providerBlock('acme', `fallback_order = ${JSON.stringify(nine)}`));
    expect(folder.refusal().message).toMatch(/^providers\.toml:4: "fallback_order" names 9 fallbacks/);
  });

  it('for a list of allowed models that is empty', () => {
    folder.write('providers.toml', providerBlock('acme', 'allowed_models = []'));
    expect(folder.refusal().message).toMatch(/^providers\.toml:4: "allowed_models" is an empty list/);
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
