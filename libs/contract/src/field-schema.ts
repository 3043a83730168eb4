import 'reflect-metadata';

/** A JSON Schema (draft 2020-12), as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

const STATED = Symbol('stated schema');
const DESCRIBED = Symbol('description');

/** States what a field's check lets through. Every decorator that checks a field says it beside its check. */
export const statesSchema =
  (schema: JsonSchema): PropertyDecorator =>
  (target, field) => {
    Reflect.defineMetadata(STATED, schema, target, field);
  };

/** What a field means, in sentences for the people who use the API; Markdown's backticks are understood. */
export const Describe =
  (text: string): PropertyDecorator =>
  (target, field) => {
    Reflect.defineMetadata(DESCRIBED, text, target, field);
  };

/** What `statesSchema` said of a field; undefined when no decorator of ours checks it. */
export const statedSchemaOf = (prototype: object, field: string): JsonSchema | undefined =>
  Reflect.getMetadata(STATED, prototype, field) as JsonSchema | undefined;

export const descriptionOf = (prototype: object, field: string): string | undefined =>
  Reflect.getMetadata(DESCRIBED, prototype, field) as string | undefined;
