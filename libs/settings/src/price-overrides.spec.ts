import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { SettingsSource } from './load-settings';
import { Overrides } from './overrides';

const row = (id: string, ...lines: readonly string[]): string =>
  ['[[model]]', `id = "${id}"`, 'provider = "glm"', ...lines, ''].join('\n');
const PRICE = 'price = { input = 1, output = 2, effective_from = "2026-01-01", source = "file" }';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('glm'));
  folder.write('models.toml', row('glm-5', PRICE) + row('glm-4.7'));
});
afterEach(() => folder.remove());

const over = (prices: Readonly<Record<string, unknown>>): Partial<SettingsSource> => ({
  today: '2026-07-01',
  overrides: { settings: {}, prices: prices as Overrides['prices'] },
});

describe('an override of a price', () => {
  const price = (stated: unknown, name = 'glm/glm-5') =>
    folder.load({}, over({ [name]: stated })).models.find(({ provider, id }) => `${provider}/${id}` === name);

  it('holds from today on where it says no day, and the rows before it stay in the history', () => {
    const stated = {
      input: 3,
      cached_input: 0.3,
      output: 9,
      source: 'contract',
      steps: [{ above: 5, input: 4, output: 8 }],
    };
    const now = {
      inputPerMTok: 3,
      cachedInputPerMTok: 0.3,
      outputPerMTok: 9,
      effectiveFrom: '2026-07-01',
      source: 'contract',
      steps: [{ aboveInputTokens: 5, inputPerMTok: 4, outputPerMTok: 8 }],
    };
    expect(price(stated)).toMatchObject({ price: now, prices: [{ source: 'file' }, now] });
  });

  it('that begins later leaves the row in force until then; one that began earlier replaces it', () => {
    const stated = { input: 3, output: 9, source: 'contract' };
    expect(price({ ...stated, effective_from: '2026-08-01' })?.price?.source).toBe('file');
    const earlier = price({ ...stated, effective_from: '2025-01-01' });
    expect(earlier).toMatchObject({ price: { source: 'contract' }, prices: [{ source: 'contract' }] });
  });

  it('of null makes a model unpriced, and prices a model that had none', () => {
    expect(price(null)).toMatchObject({ price: null, prices: [] });
    expect(price({ input: 0, output: 0, source: 's' }, 'glm/glm-4.7')?.price?.outputPerMTok).toBe(0);
  });

  it.each([
    ['glm/glm-55', null, 'names no model of models.toml. Did you mean glm/glm-5?'],
    ['glm-5', null, 'names no model of models.toml. Write <provider>/<model>'],
    ['glm/glm-5', { input: 1, output: 1 }, 'the price has no source'],
    ['glm/glm-5', { input: -1, output: 1, source: 's' }, '"input" has a wrong value. It must be a number'],
    ['glm/glm-5', { input: '1', output: 1, source: 's' }, '"input" has a wrong value'],
    ['glm/glm-5', { input: 1, output: 1, source: 's', currency: 'CNY' }, 'Convert the price to USD'],
    ['glm/glm-5', { input: 1, output: 1, source: 's', effective_from: 'soon' }, 'a date such as'],
    [
      'glm/glm-5',
      { input: 1, outptu: 1, source: 's' },
      'unknown key "outptu" in price. Did you mean "output"?',
    ],
    ['glm/glm-5', { input: 1, output: 1, source: 'a\nb' }, 'holds a line break'],
    [
      'glm/glm-5',
      { input: 1, output: 1, source: 's', steps: [{ above: 5, input: 1 }] },
      'a step of a price has no output',
    ],
    ['glm/glm-5', 5, 'is no price. Write an object'],
    ['glm/glm-5', [], 'is no price'],
  ])('is refused: %s = %j', (name, stated, problem) => {
    const { message } = folder.refusal({}, over({ [name]: stated }));
    expect(message).toContain(`the override of the price of ${name}`);
    expect(message).toContain(problem);
    expect(message).not.toMatch(/:\d+: /);
  });
});
