import {
  CAPABILITIES,
  Capability,
  REASONING_CONTROLS,
  REASONING_EFFORTS,
  ReasoningControl,
  TemperatureRule,
  TOOL_CHOICES,
} from '@longhaul/contract';
import { ModelRow, refuseModelClashes } from './model-clashes';
import { priceOn, readPrices } from './prices';
import { ModelSettings } from './settings';
import { NumberRange, TableReader } from './table-reader';

const MODEL_KEYS = [
  'id',
  'provider',
  'aliases',
  'status',
  'retires_at',
  'successor',
  'context_window',
  'max_output_tokens',
  'min_output_tokens',
  'capabilities',
  'tool_choice',
  'temperature',
  'reasoning_control',
  'reasoning_efforts',
  'rank',
  'price',
  'free',
  'tags',
  'group',
] as const;
const STATUSES = ['active', 'deprecated', 'retired'] as const;
const RANK_DEFAULT = 100;
/** Reasoning counts as output, so a smaller budget may be spent before a word of the answer is written. */
export const REASONING_MIN_OUTPUT_TOKENS = 1500;

const TOKENS: NumberRange = { min: 1, max: 1_000_000_000, whole: true };
const RANK: NumberRange = { min: 0, max: 1_000_000, whole: true };
const TEMPERATURE: NumberRange = { min: 0, max: 10 };
const TEMPERATURE_FORM = '"any", "omit", { fixed = 1 } or { min = 0, max = 1 }';
const WORD = /^[a-z0-9][a-z0-9._-]*$/;

export interface RowsQuestion {
  readonly providers: readonly string[];
  /** Decides which price is in force. */
  readonly today: string;
}

/** The `[[model]]` rows of models.toml, each checked alone and against the others. */
export function readModelRows(
  readers: readonly TableReader[],
  question: RowsQuestion,
): readonly ModelSettings[] {
  const rows: readonly ModelRow[] = readers.map((reader) => ({ reader, model: readModel(reader, question) }));
  refuseModelClashes(rows);
  return rows.map((row) => row.model);
}

function readModel(reader: TableReader, { providers, today }: RowsQuestion): ModelSettings {
  const id = reader.string('id') ?? reader.fail(undefined, 'a [[model]] row has no id', 'Add id');
  reader.refuseUnknownKeys(MODEL_KEYS, `[[model]] "${id}"`);
  const capabilities = wordsOutOf(reader, 'capabilities', CAPABILITIES) ?? [];
  const prices = readPrices(reader);
  return {
    id,
    provider: readProvider(reader, id, providers),
    aliases: reader.strings('aliases') ?? [],
    status: readStatus(reader),
    retiresAt: reader.date('retires_at'),
    successor: reader.string('successor'),
    contextWindow: reader.number('context_window', TOKENS),
    maxOutputTokens: reader.number('max_output_tokens', TOKENS),
    minOutputTokens: readMinOutput(reader, id, capabilities),
    capabilities,
    toolChoices: wordsOutOf(reader, 'tool_choice', TOOL_CHOICES),
    temperature: readTemperature(reader),
    reasoningControl: readReasoningControl(reader),
    reasoningEfforts: wordsOutOf(reader, 'reasoning_efforts', REASONING_EFFORTS),
    rank: reader.number('rank', RANK) ?? RANK_DEFAULT,
    price: priceOn(today, prices),
    prices,
    free: reader.boolean('free') ?? false,
    tags: readTags(reader),
    group: readGroup(reader),
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

function wordsOutOf<Word extends string>(
  reader: TableReader,
  key: string,
  known: readonly Word[],
): readonly Word[] | null {
  const stated = reader.strings(key);
  if (stated === null) return null;
  return stated.map(
    (word) =>
      known.find((each) => each === word) ?? reader.failType(key, `a list out of ${known.join(', ')}`),
  );
}

function readMinOutput(reader: TableReader, id: string, capabilities: readonly Capability[]): number | null {
  const stated = reader.number('min_output_tokens', TOKENS);
  const min = stated ?? (capabilities.includes('reasoning') ? REASONING_MIN_OUTPUT_TOKENS : null);
  const max = reader.number('max_output_tokens', TOKENS);
  if (min === null || max === null || min <= max) return min;
  return reader.fail(
    stated === null ? 'max_output_tokens' : 'min_output_tokens',
    `model "${id}" gives at most ${String(max)} tokens and needs ${String(min)}${stated === null ? ', as all that reason' : ''}`,
    'Write a min_output_tokens that is not above max_output_tokens',
  );
}

function readTemperature(reader: TableReader): TemperatureRule {
  const stated = reader.raw('temperature') ?? 'any';
  if (stated === 'any' || stated === 'omit') return { kind: stated };
  if (typeof stated !== 'object') return reader.failType('temperature', TEMPERATURE_FORM);
  const table = reader.below('temperature');
  table?.refuseUnknownKeys(['fixed', 'min', 'max'], 'temperature');
  const value = table?.number('fixed', TEMPERATURE) ?? null;
  const min = table?.number('min', TEMPERATURE) ?? null;
  const max = table?.number('max', TEMPERATURE) ?? null;
  if (value !== null && min === null && max === null) return { kind: 'fixed', value };
  if (value === null && min !== null && max !== null && min <= max) return { kind: 'range', min, max };
  return reader.failType('temperature', TEMPERATURE_FORM);
}

function readReasoningControl(reader: TableReader): ReasoningControl | null {
  const stated = reader.string('reasoning_control');
  if (stated === null) return null;
  return (
    REASONING_CONTROLS.find((control) => control === stated) ??
    reader.failType('reasoning_control', `one of ${REASONING_CONTROLS.join(', ')}`)
  );
}

function readTags(reader: TableReader): readonly string[] {
  const tags = reader.strings('tags') ?? [];
  return tags.every((tag) => WORD.test(tag))
    ? [...new Set(tags)]
    : reader.failType('tags', 'a list of words');
}

function readGroup(reader: TableReader): string | null {
  const group = reader.string('group');
  return group === null || WORD.test(group) ? group : reader.failType('group', 'a word, e.g. "kimi-k2.6"');
}
