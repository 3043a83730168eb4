import { getMetadataStorage } from 'class-validator';
import { GatewayError } from './errors';
import { checksOf, NestedShape, nestedShapeOf } from './fields';

/** What is known of one field of a shape. */
export interface FieldPlan {
  readonly name: string;
  readonly nested: NestedShape | undefined;
  /** False when a rule is broken, and when only class-validator itself can tell. */
  holds(instance: object): boolean;
}

type Fields = ReadonlyMap<string, FieldPlan>;
type Condition = (instance: object, value: unknown) => boolean;

const known = new Map<new () => object, Fields>();

/** The fields of a shape by their names, looked up once: class-validator does so for each instance, which is slow. */
export function fieldsOf(shape: new () => object): Fields {
  const before = known.get(shape);
  if (before !== undefined) return before;
  const names = new Set(rulesOf(shape).map(({ propertyName }) => propertyName));
  const fields = new Map([...names].map((name) => [name, planOf(shape, name)]));
  known.set(shape, fields);
  return fields;
}

const rulesOf = (shape: new () => object) =>
  getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);

function planOf(shape: new () => object, name: string): FieldPlan {
  const prototype = shape.prototype as object;
  const nested = nestedShapeOf(prototype, name);
  const rules = rulesOf(shape).filter(({ propertyName }) => propertyName === name);
  if (nested === undefined && rules.some(({ type }) => type === 'nestedValidation')) {
    const fix = 'use @IsShape or @IsListOf in place of @ValidateNested';
    throw new GatewayError('internal', `${shape.name}.${name} has no nested shape: ${fix}.`);
  }
  const conditional = rules.filter(({ type }) => type === 'conditionalValidation');
  const conditions = conditional.map(({ constraints }) => (constraints as [Condition])[0]);
  const checks = checksOf(prototype, name);
  const areOurs = checks.length === rules.length - conditional.length;
  const holds = (instance: object): boolean => {
    const value: unknown = Reflect.get(instance, name);
    const isAsked = conditions.every((condition) => condition(instance, value));
    return !isAsked || (areOurs && checks.every((check) => check(value)));
  };
  return { name, nested, holds };
}
