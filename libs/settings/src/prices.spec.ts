import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { ModelSettings } from './settings';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('acme'));
});
afterEach(() => folder.remove());

const write = (...lines: readonly string[]): void => {
  folder.write('models.toml', ['[[model]]', 'id = "m"', 'provider = "acme"', ...lines, ''].join('\n'));
};
const price = (day: string, input: number, more = ''): string =>
  `{ input = ${String(input)}, output = 2, effective_from = "${day}", source = "s"${more} }`;
const model = (today: string): ModelSettings => folder.load({}, { today }).models[0]!;

describe('the prices of a model', () => {
  it.each([
    ['2025-12-31', null],
    ['2026-01-01', 1],
    ['2026-02-28', 1],
    ['2026-03-01', 3],
    ['2026-05-31', 3],
    ['2026-06-01', 6],
    ['2030-01-01', 6],
  ])('on %s cost the row in force: %p', (today, input) => {
    write(
      'price = [',
      `${price('2026-06-01', 6)},`,
      `${price('2026-01-01', 1)},`,
      price('2026-03-01', 3),
      ']',
    );
    expect(model(today).price?.inputPerMTok ?? null).toBe(input);
    expect(model(today).prices.map(({ effectiveFrom }) => effectiveFrom)).toEqual([
      ...['2026-01-01', '2026-03-01', '2026-06-01'],
    ]);
  });

  it('may be one table, a list, or headers, with TOML dates as well', () => {
    const one = 'input = 1\noutput = 2\nsource = "s"\neffective_from';
    for (const lines of [
      [`price = ${price('2026-01-01', 1)}`],
      [`price = [${price('2026-01-01', 1)}]`],
      ['[model.price]', `${one} = 2026-01-01`],
      ['[[model.price]]', `${one} = 2026-01-01`],
    ]) {
      write(...lines);
      const row = { inputPerMTok: 1, outputPerMTok: 2, effectiveFrom: '2026-01-01', source: 's' };
      expect(model('2026-02-01')).toMatchObject({ price: row, prices: [row] });
    }
  });

  it('may rise with the length of the input', () => {
    const steps =
      ', steps = [{ above = 200_000, input = 2, cached_input = 0.2, output = 4 }, { above = 500_000, input = 3, output = 5 }]';
    write(`price = ${price('2026-01-01', 1, `${steps}, currency = "USD"`)}`);
    expect(model('2026-02-01').price?.steps).toEqual([
      { aboveInputTokens: 200_000, inputPerMTok: 2, cachedInputPerMTok: 0.2, outputPerMTok: 4 },
      { aboveInputTokens: 500_000, inputPerMTok: 3, outputPerMTok: 5 },
    ]);
  });

  it('are in force by the day of the load where none is given', () => {
    write(`price = [${price('2020-01-01', 1)}, ${price('9999-12-31', 9)}]`);
    expect(folder.load().models[0]?.price?.inputPerMTok).toBe(1);
  });
});

describe('the boot stops', () => {
  const steps = (list: string): string => price('2026-01-01', 1, `, steps = [${list}]`);

  it.each([
    [
      `[${price('2026-01-01', 1)}, ${price('2026-01-01', 2)}]`,
      'two prices are effective from 2026-01-01. Delete one',
    ],
    [
      price('2026-01-01', 1, ', currency = "CNY"'),
      'a price is in CNY, and costs are counted in USD. Convert the price to USD',
    ],
    [price('2026-01-01', -1), '"input" has a wrong value. It must be a number, fractions allowed, from 0'],
    [price('2026-13-01', 1), '"effective_from" has a wrong value. It must be a date such as 2026-01-31'],
    [price('2026-02-30', 1), '"effective_from" has a wrong value'],
    ['{ input = 1, output = 1, effective_from = "2026-01-01" }', 'the price has no source. Add it'],
    ['{ input = 1, output = 1, source = "s" }', 'the price has no effective_from'],
    ['{ output = 1, effective_from = "2026-01-01", source = "s" }', 'the price has no input'],
    ['[1]', '"price" has a wrong value. It must be a table such as'],
    [price('2026-01-01', 1, ', step = []'), 'unknown key "step" in price. Did you mean "steps"?'],
    [
      steps('{ above = 5, input = 1, output = 1 }, { above = 5, input = 1, output = 1 }'),
      'do not rise: 5 comes after 5',
    ],
    [
      steps('{ above = 9, input = 1, output = 1 }, { above = 5, input = 1, output = 1 }'),
      'do not rise: 5 comes after 9',
    ],
    [
      steps('{ above = 0, input = 1, output = 1 }'),
      '"above" has a wrong value. It must be a whole number from 1',
    ],
    [steps('{ input = 1, output = 1 }'), 'a step of a price has no above'],
    [steps('{ above = 5, input = 1 }'), 'a step of a price has no output'],
    [steps('{ above = 5, input = 1, output = -1 }'), '"output" has a wrong value'],
    [steps('{ above = 5, outptu = 1 }'), 'unknown key "outptu" in a step of a price. Did you mean "output"?'],
    [price('2026-01-01', 1, ', steps = 3'), '"steps" has a wrong value'],
  ])('for `price = %s`, with its line', (toml, problem) => {
    write('rank = 1', `price = ${toml}`);
    const { message } = folder.refusal();
    expect(message).toMatch(/^models\.toml:5: /);
    expect(message).toContain(problem);
  });
});
