import 'reflect-metadata';
import { registerDecorator } from 'class-validator';
import { JsonSchema, statesSchema } from './field-schema';
import { isStorableText } from './text';

/** What a field holds when it holds other shapes. `validateShape` builds them by this. */
export interface NestedShape {
  readonly shape: () => new () => object;
  readonly list: boolean;
  /** The most items of a list: a longer one is refused before any of its items is looked at. */
  readonly max: number;
  /** The sentence of a fault: what is allowed here. */
  readonly expected: string;
  /** What may stand here instead of the shape, and is taken as it is. */
  readonly plain?: PlainValue;
}

/** A value without fields: text, a word. */
export interface PlainValue {
  readonly schema: JsonSchema;
  check(value: unknown): boolean;
}

/** One check of one field: its name, its sentence, its schema and itself. */
export interface FieldRule {
  readonly name: string;
  readonly expected: string;
  /** What `check` lets through, for the documents. */
  readonly schema: JsonSchema;
  check(value: unknown): boolean;
}

export interface TextLength {
  readonly min?: number;
  readonly max?: number;
  readonly but?: string;
}

type Check = (value: unknown) => boolean;

const NESTED = Symbol('nested shape');
const CHECKS = Symbol('checks');

/** The nested shape of a field, or undefined for a plain value. */
export const nestedShapeOf = (prototype: object, field: string): NestedShape | undefined =>
  Reflect.getMetadata(NESTED, prototype, field) as NestedShape | undefined;

/** What our own decorators ask of a field, without the way through class-validator. */
export const checksOf = (prototype: object, field: string): readonly Check[] =>
  (Reflect.getMetadata(CHECKS, prototype, field) as readonly Check[] | undefined) ?? [];

/** Makes a decorator of a check. For rules that one library alone needs; the others stand below. */
export const fieldRule =
  ({ name, expected, schema, check }: FieldRule): PropertyDecorator =>
  (target, field) => {
    statesSchema(schema)(target, field);
    Reflect.defineMetadata(CHECKS, [...checksOf(target, String(field)), check], target, field);
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(field),
      options: { message: expected },
      validator: { validate: check },
    });
  };

/**
 * Text that can be stored, of `min` to `max` characters. One rule, so that one problem is one fault.
 * @param text `but` names what others take here and we do not
 */
export function IsText({ min = 1, max, but }: TextLength = {}): PropertyDecorator {
  const size = max === undefined ? `at least ${String(min)}` : `${String(min)} to ${String(max)}`;
  return fieldRule({
    name: 'isText',
    expected: `must be text of ${size} characters, without NUL and without unpaired surrogates${but === undefined ? '' : `; ${but}`}.`,
    schema: { type: 'string', minLength: min, ...(max === undefined ? {} : { maxLength: max }) },
    check: (value) =>
      typeof value === 'string' &&
      value.length >= min &&
      value.length <= (max ?? Infinity) &&
      isStorableText(value),
  });
}

export function IsWholeNumber({ min, max }: { min: number; max: number }): PropertyDecorator {
  return fieldRule({
    name: 'isWholeNumber',
    expected: `must be a whole number from ${String(min)} to ${String(max)}.`,
    schema: { type: 'integer', minimum: min, maximum: max },
    check: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  });
}

export function IsNumberBetween({ min, max }: { min: number; max: number }): PropertyDecorator {
  return fieldRule({
    name: 'isNumberBetween',
    expected: `must be a number from ${String(min)} to ${String(max)}.`,
    schema: { type: 'number', minimum: min, maximum: max },
    check: (value) => typeof value === 'number' && value >= min && value <= max,
  });
}

export function IsOneOf(words: readonly string[]): PropertyDecorator {
  return fieldRule({
    name: 'isOneOf',
    expected: `must be one of ${words.join(', ')}.`,
    schema: { type: 'string', enum: words },
    check: (value) => typeof value === 'string' && words.includes(value),
  });
}

export interface EitherOptions {
  readonly plain: PlainValue;
  readonly shape: () => new () => object;
  /** A list of them; without it one alone. */
  readonly list?: { readonly min: number; readonly max: number };
  readonly expected: string;
}

/** A plain value, or another shape in its place: content that is text or a list of parts, a word or an object. */
export function IsEither({ plain, shape, list, expected }: EitherOptions): PropertyDecorator {
  const nested: NestedShape = { shape, list: list !== undefined, max: list?.max ?? 1, expected, plain };
  const isSized = (value: unknown): boolean =>
    list === undefined || (Array.isArray(value) && value.length >= list.min && value.length <= list.max);
  const check = (value: unknown): boolean =>
    plain.check(value) || (typeof value === 'object' && value !== null && isSized(value));
  const schema = list === undefined ? {} : { type: 'array', minItems: list.min, maxItems: list.max };
  return (target, field) => {
    Reflect.defineMetadata(NESTED, nested, target, field);
    fieldRule({ name: 'isEither', expected, schema, check })(target, field);
  };
}

/** An object of another shape. Use it in place of `@ValidateNested`, which also lets arrays through: `validateShape` goes into it. */
export function IsShape(shape: () => new () => object): PropertyDecorator {
  const expected = 'must be an object.';
  return (target, field) => {
    Reflect.defineMetadata(
      NESTED,
      { shape, list: false, max: 1, expected } satisfies NestedShape,
      target,
      field,
    );
    const check = (value: unknown): boolean => typeof value === 'object' && value !== null;
    fieldRule({ name: 'isShape', expected, schema: { type: 'object' }, check })(target, field);
  };
}

/** A list of objects of another shape. Use it in place of `@ValidateNested`, which lets lists of lists through. */
export function IsListOf(
  shape: () => new () => object,
  { min, max }: { min: number; max: number },
): PropertyDecorator {
  const expected = `must be a list of ${String(min)} to ${String(max)} objects.`;
  const schema = { type: 'array', minItems: min, maxItems: max };
  const check = (value: unknown): boolean =>
    Array.isArray(value) && value.length >= min && value.length <= max;
  return (target, field) => {
    Reflect.defineMetadata(NESTED, { shape, list: true, max, expected } satisfies NestedShape, target, field);
    fieldRule({ name: 'isListOf', expected, schema, check })(target, field);
  };
}
