import { ConfigFolder, providerBlock } from './config-folder.fixtures';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('acme') + providerBlock('other'));
});
afterEach(() => folder.remove());

const row = (id: string, ...lines: readonly string[]): string =>
  ['[[model]]', `id = "${id}"`, 'provider = "acme"', ...lines, ''].join('\n');

const stop = (...rows: readonly string[]): string => {
  folder.write('models.toml', rows.join(''));
  return folder.refusal().message;
};

describe('a [[model]] row', () => {
  it('needs an id and a provider; what is left out is unknown, and no price means unpriced', () => {
    folder.write('models.toml', row('m'));
    expect(folder.load().models).toEqual([
      {
        id: 'm',
        provider: 'acme',
        aliases: [],
        status: 'active',
        retiresAt: null,
        successor: null,
        contextWindow: null,
        maxOutputTokens: null,
        minOutputTokens: null,
        capabilities: [],
        toolChoices: null,
        reasoningControl: null,
        reasoningEfforts: null,
        temperature: { kind: 'any' },
        rank: 100,
        price: null,
        prices: [],
        free: false,
        tags: [],
        group: null,
      },
    ]);
  });

  it('says the rest itself, with the price as a table in either form', () => {
    const price =
      'input = 0.5\ncached_input = 0.1\ncache_write = 0.6\noutput = 2\neffective_from = 2026-01-31\nsource = "s"';
    const rest = [
      'aliases = ["a"]',
      'status = "deprecated"',
      'successor = "n"',
      'context_window = 200_000',
      'max_output_tokens = 8192',
      'min_output_tokens = 1500',
      'capabilities = ["tools", "reasoning"]',
      'rank = 3',
    ];
    const inline = 'price = { input = 0, output = 0, effective_from = "2026-02-01", source = "s" }';
    folder.write('models.toml', row('m', ...rest, '[model.price]', price) + row('n', inline));
    expect(folder.load().models).toMatchObject([
      {
        aliases: ['a'],
        status: 'deprecated',
        successor: 'n',
        contextWindow: 200_000,
        maxOutputTokens: 8192,
        minOutputTokens: 1500,
        capabilities: ['tools', 'reasoning'],
        rank: 3,
        price: {
          inputPerMTok: 0.5,
          cachedInputPerMTok: 0.1,
          cacheWritePerMTok: 0.6,
          outputPerMTok: 2,
          effectiveFrom: '2026-01-31',
          source: 's',
        },
      },
      { price: { inputPerMTok: 0, outputPerMTok: 0, effectiveFrom: '2026-02-01', source: 's' } },
    ]);
  });

  const KEYS: [line: string, expected: object][] = [
    ['retires_at = "2026-05-25"', { retiresAt: '2026-05-25' }],
    ['retires_at = 2026-05-25', { retiresAt: '2026-05-25' }],
    ['tool_choice = ["auto", "named"]', { toolChoices: ['auto', 'named'] }],
    ['tool_choice = []', { toolChoices: [] }],
    ['temperature = "any"', { temperature: { kind: 'any' } }],
    ['temperature = "omit"', { temperature: { kind: 'omit' } }],
    ['temperature = { fixed = 1 }', { temperature: { kind: 'fixed', value: 1 } }],
    ['temperature = { min = 0, max = 1.5 }', { temperature: { kind: 'range', min: 0, max: 1.5 } }],
    ['free = true', { free: true }],
    ['tags = ["reasoning", "expensive", "reasoning"]', { tags: ['reasoning', 'expensive'] }],
    ['group = "kimi-k2.6"', { group: 'kimi-k2.6' }],
    ['capabilities = ["streaming", "embeddings"]', { capabilities: ['streaming', 'embeddings'] }],
    ['capabilities = ["reasoning"]', { minOutputTokens: 1500 }],
    ['capabilities = ["reasoning"]\nmax_output_tokens = 1500', { minOutputTokens: 1500 }],
    ['capabilities = ["reasoning"]\nmin_output_tokens = 200', { minOutputTokens: 200 }],
    ['capabilities = ["tools"]\nmax_output_tokens = 500', { minOutputTokens: null }],
  ];

  it.each(KEYS)('takes `%s`', (line, expected) => {
    folder.write('models.toml', row('m', line));
    expect(folder.load().models[0]).toMatchObject(expected);
  });

  it('may have the id of a row of another provider', () => {
    folder.write('models.toml', row('m') + row('m').replace('acme', 'other'));
    expect(folder.load().models).toHaveLength(2);
  });
});

describe('the boot stops', () => {
  it('for a model that stands twice, with file, line and fix', () => {
    expect(stop(row('m'), row('n'), row('M'))).toBe(
      'models.toml:8: the model "acme/M" stands twice, first in line 2. Delete one of the two rows',
    );
  });

  it('for an alias that already means something', () => {
    expect(stop(row('m', 'aliases = ["x"]'), row('n', 'aliases = ["X"]'))).toMatch(
      /^models\.toml:8: the alias "X" of "n" is already an alias of "m"/,
    );
    expect(stop(row('m', 'aliases = ["x"]'), row('n', 'aliases = ["X"]').replace('acme', 'other'))).toMatch(
      /^models\.toml:8: the alias "X" of "n" is already an alias of "m"/,
    );
    expect(stop(row('m', 'aliases = ["X"]'), row('n', 'aliases = ["x"]'))).toMatch(/already an alias of "m"/);
    expect(stop(row('m', 'aliases = ["x", "X"]'))).toMatch(
      /^models\.toml:4: the alias "X" of "m" is already/,
    );
    expect(stop(row('m', 'aliases = ["n"]'), row('n'))).toMatch(
      /^models\.toml:4: .*already an id of the same/,
    );
  });

  it('for an unknown key, in the row and in its price, with the line', () => {
    expect(stop(row('m'), row('n', 'contxt_window = 5'))).toMatch(
      /^models\.toml:7: unknown key "contxt_window" in \[\[model\]\] "n"\. Did you mean "context_window"/,
    );
    expect(stop(row('m', 'price = { inptu = 1 }'))).toMatch(/^models\.toml:4: unknown key "inptu" in price/);
    expect(stop(row('m', 'rank = 1', '', '[model.price]', 'input = 1', 'outptu = 1'))).toMatch(
      /^models\.toml:8: unknown key "outptu" in price\. Did you mean "output"/,
    );
  });

  it('for a provider that does not exist, with those that do', () => {
    expect(stop(row('m').replace('acme', 'nobody'))).toBe(
      'models.toml:3: model "m" belongs to provider "nobody", which providers.toml does not have. The known providers are: acme, other',
    );
  });

  it('for a successor that is not in the catalogue', () => {
    expect(stop(row('m', 'status = "retired"', 'successor = "gone"'))).toMatch(
      /^models\.toml:5: the successor "gone" of "m" is not in the catalogue/,
    );
  });

  it.each([
    [
      'capabilities = ["reasoning"]\nmax_output_tokens = 1000',
      5,
      'at most 1000 tokens and needs 1500, as all that reason',
    ],
    ['max_output_tokens = 1000\nmin_output_tokens = 1001', 5, 'at most 1000 tokens and needs 1001'],
  ])('for a model that cannot give what it needs: `%s`', (lines, line, problem) => {
    const message = stop(row('m', lines));
    expect(message).toContain(`models.toml:${String(line)}: model "m" gives ${problem}`);
    expect(message).toContain('Write a min_output_tokens that is not above max_output_tokens');
  });

  it('for half a price', () => {
    expect(stop(row('m', 'price = { input = 1, effective_from = "2026-01-01", source = "s" }'))).toMatch(
      /^models\.toml:4: the price has no output/,
    );
  });

  it.each([
    ['status = "old"', 'one of active, deprecated, retired'],
    ['context_window = "200k"', 'a whole number'],
    ['context_window = 0', 'a whole number from 1'],
    ['capabilities = ["magic"]', 'a list out of tools, vision'],
    ['aliases = [1]', 'a list of strings'],
    ['rank = -1', 'a whole number from 0'],
    ['min_output_tokens = -1', 'a whole number from 1'],
    ['retires_at = "soon"', 'a date such as'],
    ['retires_at = "2026-02-31"', 'a date such as'],
    ['tool_choice = ["any"]', 'a list out of auto, none, required, named'],
    ['temperature = "warm"', '"any", "omit", { fixed = 1 }'],
    ['temperature = 1', '"any", "omit"'],
    ['temperature = {}', '"any", "omit"'],
    ['temperature = { fixed = 1, min = 0 }', '"any", "omit"'],
    ['temperature = { min = 1, max = 0 }', '"any", "omit"'],
    ['temperature = { fixed = -1 }', 'a number'],
    ['free = "yes"', 'true or false, without quotes'],
    ['tags = ["two words"]', 'a list of words'],
    ['group = ""', 'a word'],
    ['price = 3', 'a table such as'],
    ['price = { input = -1 }', 'a number'],
    ['price = { input = 1, output = 1, effective_from = "soon" }', 'a date such as'],
  ])('for `%s`, with the line and what is accepted', (line, accepted) => {
    const message = stop(row('m', line));
    expect(message).toMatch(/^models\.toml:4: "\w+" has a wrong value\. It must be /);
    expect(message).toContain(accepted);
  });
});

describe('a name that no URL and no store can carry', () => {
  it.each([
    ['\\u0000', 'models.toml:2: "id" holds NUL or half a character.'],
    ['\\uD800', 'models.toml:2: this is not valid TOML at column'],
  ])('stops the boot with file and line: %s', (written, sentence) => {
    expect(stop(row(`m${written}`))).toContain(sentence);
  });

  it('stops it also among aliases', () => {
    expect(stop(row('m', 'aliases = ["a\\u0000"]'))).toContain('models.toml:4: "aliases" holds NUL');
  });
});
