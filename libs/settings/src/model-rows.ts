import { CAPABILITIES, Capability, Price } from '@longhaul/contract';
import { ModelSettings } from './settings';
import { NumberRange, TableReader } from './table-reader';

const MODEL_KEYS = [
  'id',
  'provider',
  'aliases',
  'status',
  'successor',
  'context_window',
  'max_output_tokens',
  'min_output_tokens',
  'capabilities',
  'rank',
  'price',
] as const;
const PRICE_KEYS = ['input', 'cached_input', 'cache_write', 'output', 'effective_from', 'source'] as const;
const STATUSES = ['active', 'deprecated', 'retired'] as const;
const RANK_DEFAULT = 100;

const TOKENS: NumberRange = { min: 1, max: 1_000_000_000, whole: true };
const RANK: NumberRange = { min: 0, max: 1_000_000, whole: true };
const USD_PER_MTOK: NumberRange = { min: 0, max: 1_000_000 };

/** The `[[model]]` rows of models.toml, each checked alone and against the others. */
export function readModelRows(
  readers: readonly TableReader[],
  providers: readonly string[],
): readonly ModelSettings[] {
  const rows = readers.map((reader) => ({ reader, model: readModel(reader, providers) }));
  refuseSameIds(rows);
  refuseSameAliases(rows);
  refuseLostSuccessors(rows);
  return rows.map((row) => row.model);
}

interface Row {
  readonly reader: TableReader;
  readonly model: ModelSettings;
}

function readModel(reader: TableReader, providers: readonly string[]): ModelSettings {
  const id = reader.string('id') ?? reader.fail(undefined, 'a [[model]] row has no id', 'Add id');
  reader.refuseUnknownKeys(MODEL_KEYS, `[[model]] "${id}"`);
  return {
    id,
    provider: readProvider(reader, id, providers),
    aliases: reader.strings('aliases') ?? [],
    status: readStatus(reader),
    retiresAt: null,
    successor: reader.string('successor'),
    contextWindow: reader.number('context_window', TOKENS),
    maxOutputTokens: reader.number('max_output_tokens', TOKENS),
    minOutputTokens: reader.number('min_output_tokens', TOKENS),
    capabilities: readCapabilities(reader),
    toolChoices: null,
    temperature: { kind: 'any' },
    rank: reader.number('rank', RANK) ?? RANK_DEFAULT,
    price: readPrice(reader),
    prices: [],
    free: false,
    tags: [],
    group: null,
  };
}

function readProvider(reader: TableReader, id: string, providers: readonly string[]): string {
  const provider = reader.string('provider');
  if (provider === null) return reader.fail(undefined, `model "${id}" has no provider`, 'Add provider');
  if (providers.includes(provider)) return provider;
  return reader.fail(
    'provider',
    `model "${id}" belongs to provider "${provider}", which providers.toml does not have`,
    `The known providers are: ${providers.join(', ')}`,
  );
}

function readStatus(reader: TableReader): ModelSettings['status'] {
  const stated = reader.string('status') ?? 'active';
  return (
    STATUSES.find((status) => status === stated) ?? reader.failType('status', `one of ${STATUSES.join(', ')}`)
  );
}

function readCapabilities(reader: TableReader): readonly Capability[] {
  return (reader.strings('capabilities') ?? []).map(
    (word) =>
      CAPABILITIES.find((capability) => capability === word) ??
      reader.failType('capabilities', `a list out of ${CAPABILITIES.join(', ')}`),
  );
}

function readPrice(reader: TableReader): Price | null {
  const price = reader.below('price');
  if (price === null) return null;
  price.refuseUnknownKeys(PRICE_KEYS, 'price');
  const required = <Value>(key: string, value: Value | null): Value =>
    value ??
    price.fail(undefined, `the price has no ${key}`, 'Add it; a model without a price has no price table');
  const cachedInput = price.number('cached_input', USD_PER_MTOK);
  const cacheWrite = price.number('cache_write', USD_PER_MTOK);
  return {
    inputPerMTok: required('input', price.number('input', USD_PER_MTOK)),
    ...(cachedInput === null ? {} : { cachedInputPerMTok: cachedInput }),
    ...(cacheWrite === null ? {} : { cacheWritePerMTok: cacheWrite }),
    outputPerMTok: required('output', price.number('output', USD_PER_MTOK)),
    effectiveFrom: required('effective_from', price.date('effective_from')),
    source: required('source', price.string('source')),
  };
}

function refuseSameIds(rows: readonly Row[]): void {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    const name = `${row.model.provider}/${row.model.id}`;
    const first = seen.get(name.toLowerCase());
    if (first !== undefined) {
      row.reader.fail(
        'id',
        `the model "${name}" stands twice, first in line ${first.reader.lineOf('id')}`,
        'Delete one of the two rows',
      );
    }
    seen.set(name.toLowerCase(), row);
  }
}

/** An alias means one model: it may be neither another row's alias nor an id of its own provider. */
function refuseSameAliases(rows: readonly Row[]): void {
  const owners = new Map<string, Row>();
  const ids = new Set(rows.map(({ model }) => `${model.provider}/${model.id}`.toLowerCase()));
  for (const row of rows) {
    for (const alias of row.model.aliases) {
      const owner = owners.get(alias.toLowerCase());
      const isId = ids.has(`${row.model.provider}/${alias}`.toLowerCase());
      if (owner !== undefined || isId) {
        const other = owner === undefined ? 'an id of the same provider' : `an alias of "${owner.model.id}"`;
        row.reader.fail(
          'aliases',
          `the alias "${alias}" of "${row.model.id}" is already ${other}`,
          'Delete it in one of the two places',
        );
      }
      owners.set(alias.toLowerCase(), row);
    }
  }
}

function refuseLostSuccessors(rows: readonly Row[]): void {
  const names = new Set(rows.map(({ model }) => `${model.provider}/${model.id}`));
  for (const { model, reader } of rows) {
    if (model.successor === null) continue;
    if (names.has(`${model.provider}/${model.successor}`) || names.has(model.successor)) continue;
    reader.fail(
      'successor',
      `the successor "${model.successor}" of "${model.id}" is not in the catalogue`,
      'Write an id of the same provider, or provider/id',
    );
  }
}
