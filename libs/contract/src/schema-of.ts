import { getMetadataStorage } from 'class-validator';
import { GatewayError } from './errors';
import { descriptionOf, JsonSchema, statedSchemaOf } from './field-schema';
import { nestedShapeOf } from './fields';

/** The rules of class-validator itself that our shapes use; each other field is checked by a decorator of ours. */
const PLAIN_RULES: Readonly<Record<string, JsonSchema>> = {
  isBoolean: { type: 'boolean' },
  isObject: { type: 'object' },
};

/**
 * The JSON Schema of a shape that `validateShape` checks: from the same decorators, so that what is documented is
 * what is checked. Nested shapes stand in it whole.
 * @throws GatewayError internal when a field's check states no schema
 */
export function schemaOf(shape: new () => object): JsonSchema {
  const prototype = shape.prototype as object;
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [field, rules] of rulesByField(shape)) {
    const isOptional = rules.includes('isOptional');
    if (!isOptional) required.push(field);
    const checked = checkedSchemaOf({ shape, prototype, field, rules });
    const description = descriptionOf(prototype, field);
    properties[field] = {
      ...(isOptional ? orNull(checked) : checked),
      ...(description === undefined ? {} : { description }),
    };
  }
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

interface Field {
  readonly shape: new () => object;
  readonly prototype: object;
  readonly field: string;
  readonly rules: readonly string[];
}

function checkedSchemaOf({ shape, prototype, field, rules }: Field): JsonSchema {
  const stated = statedSchemaOf(prototype, field);
  const nested = nestedShapeOf(prototype, field);
  if (nested !== undefined) {
    const inner = schemaOf(nested.shape());
    const whole = nested.list ? { ...stated, items: inner } : inner;
    return nested.plain === undefined ? whole : { anyOf: [nested.plain.schema, whole] };
  }
  const known = stated ?? rules.map((rule) => PLAIN_RULES[rule]).find((schema) => schema !== undefined);
  if (known !== undefined) return known;
  throw new GatewayError(
    'internal',
    `${shape.name}.${field} is checked by ${rules.join(', ')}, none of which states a JSON schema: give its decorator statesSchema.`,
  );
}

/** A field that may be left out may be null too, which means the same (`@IsOptional`). */
export function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: words, anyOf } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...(anyOf as unknown[]), { type: 'null' }] };
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return {
    ...schema,
    type: [type, 'null'],
    ...(Array.isArray(words) ? { enum: [...(words as unknown[]), null] } : {}),
  };
}

/** Fields in the order in which their class declares them, each with the names of its rules. */
function rulesByField(shape: new () => object): Map<string, string[]> {
  const rules = new Map<string, string[]>();
  const stored = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  for (const { propertyName, type, name } of stored) {
    rules.set(propertyName, [...(rules.get(propertyName) ?? []), name ?? type]);
  }
  return rules;
}
