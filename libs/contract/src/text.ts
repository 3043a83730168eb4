/**
 * Text that PostgreSQL can keep: `text` and `jsonb` refuse NUL, and `jsonb` refuses half of a surrogate pair.
 * Both reach us from callers and from models, and would otherwise surface as a failed write after a paid call.
 */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;
const EVERY_UNSTORABLE = new RegExp(UNSTORABLE.source, 'gu');

export const isStorableText = (text: string): boolean => !UNSTORABLE.test(text);

/** The text with U+FFFD in place of each character that cannot be stored. */
export const toStorableText = (text: string): string => text.replace(EVERY_UNSTORABLE, '\uFFFD');
