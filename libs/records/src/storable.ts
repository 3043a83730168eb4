import { toStorableText } from '@longhaul/contract';

/** How JSON writes what `toStorableText` replaces. It is rare, and to visit every member is slow. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** What a model said may hold what PostgreSQL refuses; a paid answer must not be lost for that. */
export function json(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const written = JSON.stringify(value);
  if (!MAY_BE_UNSTORABLE.test(written)) return written;
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? toStorableText(member) : member,
  );
}
export const text = (value: string | null | undefined): string | null =>
  value === null || value === undefined ? null : toStorableText(value);
