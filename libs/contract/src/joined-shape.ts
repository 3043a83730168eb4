import { getMetadataStorage } from 'class-validator';

type ShapeClass<T extends object> = new () => T;

/**
 * One shape with the fields of two, for a body that holds on one level what stands apart elsewhere: a class has only one
 * parent, and the rules of a field shall be written once.
 */
export function joinedShape<First extends object, Second extends object>(
  first: ShapeClass<First>,
  second: ShapeClass<Second>,
): ShapeClass<First & Second> {
  class Joined {}
  takeFields(first, Joined);
  takeFields(second, Joined);
  return Joined as ShapeClass<First & Second>;
}

/** The names of a shape's fields. */
export const fieldNamesOf = (shape: ShapeClass<object>): readonly string[] => [
  ...new Set(rulesOf(shape).map(({ propertyName }) => propertyName)),
];

const rulesOf = (shape: ShapeClass<object>) =>
  getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);

/** The checks of class-validator, and what our decorators wrote down beside them: schema, description, nested shape. */
function takeFields(from: ShapeClass<object>, into: ShapeClass<object>): void {
  for (const rule of rulesOf(from)) {
    getMetadataStorage().addValidationMetadata(
      Object.assign(Object.create(Object.getPrototypeOf(rule) as object) as typeof rule, rule, {
        target: into,
      }),
    );
  }
  const [source, target] = [from.prototype as object, into.prototype as object];
  for (const field of fieldNamesOf(from))
    for (const key of Reflect.getMetadataKeys(source, field))
      Reflect.defineMetadata(key, Reflect.getMetadata(key, source, field), target, field);
}
