import { ValidationError, validateSync } from 'class-validator';
import { fieldsOf } from './shape-fields';

const NOTHING: ReadonlyMap<string, readonly string[]> = new Map();
/** When the type is wrong, what other rules say about the value is noise. */
const TYPE_RULES: ReadonlySet<string> = new Set([
  ...['isDefined', 'isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject', 'isIn', 'isEnum'],
  ...['isText', 'isWholeNumber', 'isNumberBetween', 'isOneOf', 'isShape', 'isListOf', 'isEither'],
]);

/**
 * What each field of an instance breaks, in sentences; not those of the instances in it. Class-validator has the words,
 * and is asked only when something is broken: it takes some hundred times as long as the checks.
 */
export function brokenRules(instance: object): ReadonlyMap<string, readonly string[]> {
  const fields = [...fieldsOf(instance.constructor as new () => object).values()];
  if (fields.every((field) => field.holds(instance))) return NOTHING;
  const errors = validateSync(instance, { validationError: { target: false } });
  return new Map(errors.map((error) => [error.property, detailsOf(error)]));
}

function detailsOf({ constraints = {}, property, value }: ValidationError): string[] {
  const broken = Object.entries(constraints);
  const types = broken.filter(([rule]) => TYPE_RULES.has(rule)).slice(0, 1);
  return (types.length > 0 ? types : broken).map(([, message]) => {
    const plain = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
    const sentence = plain.endsWith('.') ? plain : `${plain}.`;
    return value === undefined ? `is required; it ${sentence}` : sentence;
  });
}
