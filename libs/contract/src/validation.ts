import { Fault, GatewayError } from './errors';
import { brokenRules } from './broken-rules';
import { NestedShape } from './fields';
import { fieldsOf, FieldPlan } from './shape-fields';
import { toStorableText } from './text';

type ShapeClass<T extends object = object> = new () => T;

/** A place in the body, and the list that its faults go to. */
interface Site {
  readonly pointer: string;
  readonly faults: Fault[];
}

/** No more are looked for: a small body may hold 100,000, which would hold up the event loop for a second. */
const MAX_FAULTS_SHOWN = 100;
const MAX_NAME_SHOWN = 64;
const MAX_STEPS_SHOWN = 32;
/** Names that reach an object's prototype when somebody merges or copies the value later. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const RESERVED_DETAIL = 'is a reserved name and never allowed; remove it.';
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
  const instance = buildObject(shape, value, { pointer, faults });
  const structural = new Set(faults.map((fault) => fault.pointer));
  checkRules(instance, { pointer, faults, structural });
  if (faults.length > 0) throw invalidRequest(faults);
  return instance;
}

/** Adds a fault for each rule of a field that is broken, in the order of the fields, inner ones after their outer. */
function checkRules(instance: object, site: Site & { readonly structural: ReadonlySet<string> }): void {
  if (isEnough(site.faults)) return;
  const broken = brokenRules(instance);
  for (const [name, { nested }] of fieldsOf(instance.constructor as ShapeClass)) {
    const details = broken.get(name);
    const held: unknown = nested === undefined ? undefined : Reflect.get(instance, name);
    if (details === undefined && (typeof held !== 'object' || held === null)) continue;
    const pointer = pointerTo(site.pointer, name);
    if (details !== undefined && !isCovered(pointer, site.structural))
      site.faults.push(...details.map((detail) => ({ pointer, detail })));
    if (Array.isArray(held)) checkItems(held as object[], { ...site, pointer });
    else if (typeof held === 'object' && held !== null) checkRules(held, { ...site, pointer });
  }
}

function checkItems(
  items: readonly object[],
  site: Site & { readonly structural: ReadonlySet<string> },
): void {
  for (const [index, item] of items.entries())
    checkRules(item, { ...site, pointer: pointerTo(site.pointer, index) });
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
  // Most steps are places in long lists.
  if (typeof name === 'number') return `${parent}/${String(name)}`;
  const shown = name.length > MAX_NAME_SHOWN ? `${toStorableText(name.slice(0, MAX_NAME_SHOWN))}…` : name;
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
    const field = fields.get(name);
    if (field !== undefined) Reflect.set(instance, name, buildField(field, held, site));
    else site.faults.push({ pointer: pointerTo(site.pointer, name), detail: unknownField(name, fields) });
  }
  return instance;
}

function buildField({ name, nested }: FieldPlan, value: unknown, site: Site): unknown {
  // Absent: whether it may be is the rule of the field, not of the nested shape.
  if (value === undefined || value === null || nested?.plain?.check(value) === true) return value;
  if (nested === undefined && typeof value !== 'object') return value;
  const at: Site = { ...site, pointer: pointerTo(site.pointer, name) };
  if (nested !== undefined) return buildNested(nested, value, at);
  refuseReservedNames(value, at);
  return value;
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

const unknownField = (name: string, fields: ReadonlyMap<string, FieldPlan>): string =>
  RESERVED_NAMES.has(name)
    ? RESERVED_DETAIL
    : `is not a known field; the fields allowed here are ${[...fields.keys()].join(', ')}.`;

/** A stack of its own: free-form values come as deep as a caller likes, and must not overflow ours. */
function refuseReservedNames(value: unknown, { pointer, faults }: Pick<Site, 'pointer' | 'faults'>): void {
  const open: { value: unknown; parent: Step | null }[] = [{ value, parent: null }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    // A list of a million numbers has no names to look at.
    if (Array.isArray(next.value)) {
      for (const [index, held] of (next.value as unknown[]).entries())
        if (typeof held === 'object' && held !== null)
          open.push({ value: held, parent: { name: String(index), parent: next.parent } });
      continue;
    }
    for (const [name, held] of Object.entries(next.value)) {
      const isReserved = RESERVED_NAMES.has(name);
      if (!isReserved && (typeof held !== 'object' || held === null)) continue;
      const step: Step = { name, parent: next.parent };
      open.push({ value: held, parent: step });
      if (!isReserved) continue;
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

/** True when a fault of structure at this place or above it has already said why. */
function isCovered(pointer: string, structural: ReadonlySet<string>): boolean {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    if (structural.has(at)) return true;
    if (at === '') return false;
  }
}
