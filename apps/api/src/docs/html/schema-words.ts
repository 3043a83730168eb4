import { JsonSchema } from '@longhaul/contract';
import { Html, markup, joined } from './html';

const REFERENCE = /^#\/components\/schemas\/(\w+)$/;

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const schemasIn = (value: unknown): JsonSchema[] =>
  Array.isArray(value) ? value.filter(isSchema) : [];

/** The name of the schema that this one refers to; null for one that stands for itself. */
export const referredName = ({ $ref }: JsonSchema): string | null =>
  typeof $ref === 'string' ? (REFERENCE.exec($ref)?.[1] ?? null) : null;

const isNull = ({ type }: JsonSchema): boolean => type === 'null';

/** Without the null that stands for an absent field. */
export function withoutNull(schema: JsonSchema): JsonSchema {
  const choices = schemasIn(schema.anyOf).filter((choice) => !isNull(choice));
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return only;
  const { type } = schema;
  if (!Array.isArray(type)) return schema;
  const types = (type as unknown[]).filter((name) => name !== 'null');
  return { ...schema, type: types.length === 1 ? types[0] : types };
}

export const takesNull = (schema: JsonSchema): boolean =>
  (Array.isArray(schema.type) && schema.type.includes('null')) || schemasIn(schema.anyOf).some(isNull);

/** What a value may be, in words; named schemas are links to their table. */
export function wordsOfSchema(schema: JsonSchema): Html {
  const name = referredName(schema);
  if (name !== null) return markup`<a href="#shape-${name}">${name}</a>`;
  const bare = withoutNull(schema);
  if (bare !== schema && referredName(bare) !== null) return wordsOfSchema(bare);
  const choices = schemasIn(bare.anyOf).filter((choice) => !isNull(choice));
  if (choices.length > 0) return joined(choices.map(wordsOfSchema), markup` or `);
  if (bare.const !== undefined) return markup`<code>${JSON.stringify(bare.const)}</code>`;
  if (Array.isArray(bare.enum)) return enumWords(bare.enum as unknown[]);
  if (bare.type === 'array') return listWords(bare);
  return markup`${simpleWords(bare)}`;
}

const enumWords = (words: readonly unknown[]): Html =>
  joined(
    words.filter((word) => word !== null).map((word) => markup`<code>${String(word)}</code>`),
    markup`, `,
  );

function listWords({ items, minItems, maxItems }: JsonSchema): Html {
  const size = rangeWords(minItems, maxItems);
  const many = size === '' ? '' : `${size} `;
  if (!isSchema(items)) return markup`list`;
  const isPlain = referredName(items) === null && items.enum === undefined && items.anyOf === undefined;
  if (isPlain && items.type !== 'array') return markup`list of ${many}${pluralOf(simpleWords(items))}`;
  return markup`list of ${many}${wordsOfSchema(items)}`;
}

const pluralOf = (words: string): string => words.replace(/^(?:text|whole number|number|object)/, '$&s');

function simpleWords({ type, ...limits }: JsonSchema): string {
  const { minimum, maximum, exclusiveMaximum, minLength, maxLength, format } = limits;
  switch (type) {
    case 'string': {
      if (format === 'date-time') return 'ISO 8601 time';
      const size = rangeWords(minLength === 1 && maxLength === undefined ? undefined : minLength, maxLength);
      return size === '' ? 'text' : `text of ${size} characters`;
    }
    case 'integer':
    case 'number': {
      const range =
        maximum === undefined && exclusiveMaximum === undefined ? '' : rangeWords(minimum, maximum);
      return `${type === 'integer' ? 'whole number' : 'number'}${range === '' ? '' : ` ${range}`}`;
    }
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'object';
    default:
      return 'any value';
  }
}

function rangeWords(least: unknown, most: unknown): string {
  const [from, to] = [least, most].map((limit) =>
    typeof limit === 'number' ? limit.toLocaleString('en') : null,
  );
  if (to !== null && to !== undefined)
    return from === null || from === undefined ? `up to ${to}` : `${from} to ${to}`;
  return from === null || from === undefined || from === '0' ? '' : `at least ${from}`;
}
