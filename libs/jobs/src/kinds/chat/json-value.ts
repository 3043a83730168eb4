import { isStorableText } from '@longhaul/contract';

export interface JsonBounds {
  readonly maxDepth: number;
  /** Of all texts and names together. */
  readonly maxCharacters: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * An object within the bounds. Walks with a stack of its own: a value nested a hundred thousand deep must not overflow
 * ours, and so nothing that passes here overflows `JSON.stringify` later.
 */
export function isBoundedObject(value: unknown, bounds: JsonBounds): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let characters = 0;
  const open: { held: object; depth: number }[] = [{ held: value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { held, depth } = next;
    if (depth > bounds.maxDepth) return false;
    const names = Array.isArray(held) ? [] : Object.keys(held);
    for (const name of names) characters += name.length;
    for (const member of Array.isArray(held) ? (held as unknown[]) : Object.values(held as JsonObject)) {
      characters += typeof member === 'string' ? member.length : 1;
      if (characters > bounds.maxCharacters) return false;
      if (typeof member === 'object' && member !== null) open.push({ held: member, depth: depth + 1 });
    }
  }
  return true;
}

/** True when PostgreSQL can keep every text and every name of it. For what has passed `isBoundedObject`. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStorableJson);
  return Object.entries(value).every(([name, member]) => isStorableText(name) && isStorableJson(member));
}
