import { getMetadataStorage, ValidationError, validateSync } from 'class-validator';
import { Fault, GatewayError } from './errors';
import { NestedShape, nestedShapeOf } from './fields';
import { toStorableText } from './text';

type ShapeClass<T extends object = object> = new () => T;

/** A place in the body, and the list that its faults go to. */
interface Site {
  readonly pointer: string;
  readonly faults: Fault[];
  /** What stands where a plain value may stand too: class-validator does not go into it by itself. */
  readonly apart: Apart[];
}

interface Apart {
  readonly pointer: string;
  readonly instance: object;
}

/** No more are looked for: a small body may hold 100,000, which would hold up the event loop for a second. */
const MAX_FAULTS_SHOWN = 100;
const MAX_NAME_SHOWN = 64;
const MAX_STEPS_SHOWN = 32;
/** Names that reach an object's prototype when somebody merges or copies the value later. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const RESERVED_DETAIL = 'is a reserved name and never allowed; remove it.';
/** When the type is wrong, what other rules say about the value is noise. */
const TYPE_RULES: ReadonlySet<string> = new Set([
  ...['isDefined', 'isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject', 'isIn', 'isEnum'],
  ...['isText', 'isWholeNumber', 'isNumberBetween', 'isOneOf', 'isShape', 'isListOf', 'isEither'],
]);

/**
 * Reads a plain value (parsed JSON) as an instance of a class with class-validator rules. Every field must be
 * declared. Throws `invalid_request` with one fault per problem; neither the message nor a fault repeats a value,
 * since values may be prompts.
 * @param pointer JSON pointer of the value in the body, e.g. `/input`; the root when absent.
 */
export function validateShape<T extends object>(
  shape: ShapeClass<T>,
  value: unknown,
  { pointer = '' }: { pointer?: string } = {},
): T {
  const faults: Fault[] = [];
  const apart: Apart[] = [];
  const instance = buildObject(shape, value, { pointer, faults, apart });
  if (isEnough(faults)) throw invalidRequest(faults);
  const structural = new Set(faults.map((fault) => fault.pointer));
  for (const each of [{ instance, pointer }, ...apart]) {
    if (isEnough(faults)) break;
    const errors = validateSync(each.instance, { validationError: { target: false } });
    for (const fault of faultsOf(errors, each.pointer)) {
      if (!isCovered(fault.pointer, structural)) faults.push(fault);
    }
  }
  if (faults.length > 0) throw invalidRequest(faults);
  return instance;
}

/** The error for a body with faults. For checks that a single field's rule cannot make. */
export function invalidRequest(faults: readonly Fault[]): GatewayError {
  const [first] = faults;
  const where = first === undefined ? 'in its body' : `at ${first.pointer || 'its root'}: it ${first.detail}`;
  const count = isEnough(faults) ? `more than ${String(MAX_FAULTS_SHOWN)}` : String(faults.length);
  const message =
    faults.length > 1
      ? `The request has ${count} faults, the first ${where} Correct each and send it again.`
      : `The request has a fault ${where} Correct it and send it again.`;
  return new GatewayError('invalid_request', message, {
    faults: faults.slice(0, MAX_FAULTS_SHOWN),
    ...(first !== undefined &&
      first.pointer !== '' && { param: first.pointer.slice(1).replaceAll('/', '.') }),
  });
}

const isEnough = (faults: readonly Fault[]): boolean => faults.length > MAX_FAULTS_SHOWN;

/**
 * One step of a JSON pointer (RFC 6901). A caller's own long name is cut: it may be a prompt. Cut first, because
 * it may also be megabytes; a cut through a surrogate pair would leave half of one in the answer.
 */
export function pointerTo(parent: string, name: string | number): string {
  const whole = String(name);
  const shown = whole.length > MAX_NAME_SHOWN ? `${toStorableText(whole.slice(0, MAX_NAME_SHOWN))}…` : whole;
  return `${parent}/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

// The instances are built here and not by class-transformer: that one turns a list of lists into instances too,
// drops `constructor` without a word, and recurses through free-form values without a limit.
function buildObject<T extends object>(shape: ShapeClass<T>, value: unknown, site: Site): T {
  const instance = new shape();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    site.faults.push({ pointer: site.pointer, detail: 'must be an object.' });
    return instance;
  }
  const fields = fieldsOf(shape);
  for (const [name, held] of Object.entries(value)) {
    if (isEnough(site.faults)) break;
    const at: Site = { ...site, pointer: pointerTo(site.pointer, name) };
    if (fields.has(name)) Reflect.set(instance, name, buildField(nestedShapeOf(instance, name), held, at));
    else site.faults.push({ pointer: at.pointer, detail: unknownField(name, fields) });
  }
  return instance;
}

function buildField(nested: NestedShape | undefined, value: unknown, site: Site): unknown {
  if (nested === undefined) {
    refuseReservedNames(value, site);
    return value;
  }
  // Absent: whether it may be is the rule of the field, not of the nested shape.
  if (value === undefined || value === null || nested.plain?.check(value) === true) return value;
  const built = buildNested(nested, value, site);
  if (nested.plain !== undefined) keepApart(built, site);
  return built;
}

function keepApart(built: object | undefined, { pointer, apart }: Site): void {
  if (!Array.isArray(built)) {
    if (built !== undefined) apart.push({ pointer, instance: built });
    return;
  }
  for (const [index, instance] of (built as object[]).entries())
    apart.push({ pointer: pointerTo(pointer, index), instance });
}

function buildNested(nested: NestedShape, value: unknown, site: Site): object | undefined {
  const shape = nested.shape();
  if (!nested.list) {
    if (nested.plain === undefined || typeof value === 'object') return buildObject(shape, value, site);
    site.faults.push({ pointer: site.pointer, detail: nested.expected });
    return undefined;
  }
  if (!Array.isArray(value) || value.length > nested.max) {
    site.faults.push({ pointer: site.pointer, detail: nested.expected });
    return undefined;
  }
  const items: object[] = [];
  for (const [index, item] of value.entries()) {
    if (isEnough(site.faults)) break;
    items.push(buildObject(shape, item, { ...site, pointer: pointerTo(site.pointer, index) }));
  }
  return items;
}

const unknownField = (name: string, fields: ReadonlySet<string>): string =>
  RESERVED_NAMES.has(name)
    ? RESERVED_DETAIL
    : `is not a known field; the fields allowed here are ${[...fields].join(', ')}.`;

/** A stack of its own: free-form values come as deep as a caller likes, and must not overflow ours. */
function refuseReservedNames(value: unknown, { pointer, faults }: Pick<Site, 'pointer' | 'faults'>): void {
  const open: { value: unknown; parent: Step | null }[] = [{ value, parent: null }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [name, held] of Object.entries(next.value)) {
      const step: Step = { name, parent: next.parent };
      if (typeof held === 'object' && held !== null) open.push({ value: held, parent: step });
      if (!RESERVED_NAMES.has(name)) continue;
      faults.push({ pointer: pointerOf(pointer, step), detail: RESERVED_DETAIL });
      if (isEnough(faults)) return;
    }
  }
}

interface Step {
  readonly name: string;
  readonly parent: Step | null;
}

function pointerOf(root: string, last: Step): string {
  const names: string[] = [];
  for (let step: Step | null = last; step !== null; step = step.parent) names.push(step.name);
  const shown = names.reverse().slice(0, MAX_STEPS_SHOWN);
  const pointer = shown.reduce((parent, name) => pointerTo(parent, name), root);
  return names.length > MAX_STEPS_SHOWN ? `${pointer}/…` : pointer;
}

const knownFields = new Map<ShapeClass, ReadonlySet<string>>();

function fieldsOf(shape: ShapeClass): ReadonlySet<string> {
  const known = knownFields.get(shape);
  if (known !== undefined) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  for (const { type, propertyName } of rules) {
    if (type === 'nestedValidation' && nestedShapeOf(shape.prototype as object, propertyName) === undefined) {
      const fix = 'use @IsShape or @IsListOf in place of @ValidateNested';
      throw new GatewayError('internal', `${shape.name}.${propertyName} has no nested shape: ${fix}.`);
    }
  }
  const fields = new Set(rules.map((rule) => rule.propertyName));
  knownFields.set(shape, fields);
  return fields;
}

function faultsOf(errors: readonly ValidationError[], parent: string): Fault[] {
  return errors.flatMap((error) => {
    const pointer = pointerTo(parent, error.property);
    const own = detailsOf(error).map((detail) => ({ pointer, detail }));
    return [...own, ...faultsOf(error.children ?? [], pointer)];
  });
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

/** True when a fault of structure at this place or above it has already said why. */
function isCovered(pointer: string, structural: ReadonlySet<string>): boolean {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    if (structural.has(at)) return true;
    if (at === '') return false;
  }
}
