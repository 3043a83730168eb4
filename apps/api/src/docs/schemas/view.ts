import { JsonSchema, orNull } from '@longhaul/contract';

/** A named schema of the document. */
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export interface ViewOptions<View> {
  /** Members that are not in every answer. */
  readonly optional?: readonly (keyof View & string)[];
  readonly description?: string;
}

/**
 * The schema of an answer whose TypeScript type is `View`: one that forgets a member, or names one too many, does not
 * compile. Nothing else is in such an answer.
 */
export function viewOf<View extends object>(
  properties: { readonly [Name in keyof Required<View> & string]: JsonSchema },
  { optional = [], description }: ViewOptions<View> = {},
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.some((other) => other === name));
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    required,
    additionalProperties: false,
  };
}

/** `schema` with the sentence that people read. A reference may carry one too (JSON Schema 2020-12). */
export const about = (description: string, schema: JsonSchema): JsonSchema => ({ ...schema, description });

export const nullable = (schema: JsonSchema): JsonSchema => orNull(schema);

export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

export const oneOf = (words: readonly string[]): JsonSchema => ({ type: 'string', enum: words });

/** The words of a union type that has no array: the compiler asks for each, and refuses others. */
export const wordsOf = <Word extends string>(words: Readonly<Record<Word, true>>): JsonSchema =>
  oneOf(Object.keys(words));

/** Always this one value. */
export const always = (value: string): JsonSchema => ({ type: 'string', const: value });

export const TEXT: JsonSchema = { type: 'string' };
export const YES_NO: JsonSchema = { type: 'boolean' };
export const NUMBER: JsonSchema = { type: 'number' };
/** Tokens, calls, places. */
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
/** Unix seconds, without fractions. */
export const MOMENT: JsonSchema = { type: 'integer', minimum: 0 };
/** Unix seconds with milliseconds. */
export const EXACT_MOMENT: JsonSchema = { type: 'number', minimum: 0 };
/** USD; null where a price is not known, which is not the same as free. */
export const COST: JsonSchema = { type: ['number', 'null'], minimum: 0 };
