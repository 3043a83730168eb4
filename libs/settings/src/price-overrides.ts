import { nearest } from './nearest';
import { Overrides, shownName } from './overrides';
import { priceOn, readPrice } from './prices';
import { ModelSettings } from './settings';
import { SettingsError } from './settings-error';
import { TableReader } from './table-reader';
import { isTable, TOP } from './toml-file';

/** Lays the overridden prices over the rows; their checks are those of a price in models.toml. */
export function overridePrices(
  models: readonly ModelSettings[],
  prices: Overrides['prices'],
  today: string,
): readonly ModelSettings[] {
  const names = models.map(nameOf);
  for (const name of Object.keys(prices)) if (!names.includes(name)) refuseUnknown(name, names);
  return models.map((model) => {
    const name = nameOf(model);
    if (!Object.hasOwn(prices, name)) return model;
    return prices[name] === null
      ? { ...model, price: null, prices: [] }
      : withPrice(model, prices[name], today);
  });
}

const nameOf = ({ provider, id }: ModelSettings): string => `${provider}/${id}`;

/** The override ends what models.toml says from its day on; before that day the rows still hold. */
function withPrice(model: ModelSettings, stated: unknown, today: string): ModelSettings {
  const shown = `the override of the price of ${nameOf(model)}`;
  if (!isTable(stated))
    throw new SettingsError(`${shown} is no price`, 'Write an object with input, output and source, or null');
  const file = { shown, text: '', top: stated };
  const price = readPrice(new TableReader({ file, place: TOP, table: stated }), today);
  const prices = [...model.prices.filter((row) => row.effectiveFrom < price.effectiveFrom), price];
  return { ...model, prices, price: priceOn(today, prices) };
}

function refuseUnknown(name: string, names: readonly string[]): never {
  const near = nearest(name, names);
  throw new SettingsError(
    `the override of the price of ${shownName(name)} names no model of models.toml`,
    near === null ? 'Write <provider>/<model>, as in models.toml' : `Did you mean ${near}?`,
  );
}
