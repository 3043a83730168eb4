import { readOwnedFile, SettingsError } from '@longhaul/settings';
import { Scope, SCOPES } from './scopes';

/** One caller as the keys file names it. Only the digest of the key is ever known here. */
export interface CallerKey {
  readonly name: string;
  /** SHA-256 of the key. */
  readonly digest: Buffer;
  readonly scopes: readonly Scope[];
}

const NAME = /^[\w.@-]{1,64}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;
const FORM = 'Write {"keys":[{"name":"ci","sha256":"<hex>","scopes":["jobs"]}]}, see docs/operations.md';

/**
 * Reads `LONGHAUL_API_KEYS_FILE`: `{"keys":[{"name":"ci","sha256":"<hex>","scopes":["jobs"]}]}`, mode 0600.
 * Throws a SettingsError; no message repeats what the file holds, except names.
 */
export function readKeysFile(path: string): CallerKey[] {
  const text = readOwnedFile(path, 'LONGHAUL_API_KEYS_FILE');
  if (text === null) {
    throw new SettingsError(
      `LONGHAUL_API_KEYS_FILE names ${path}, which does not exist`,
      'Make a key with `npm run key -- --name <name> --scopes jobs`, which writes it, or unset the variable',
    );
  }
  return parseKeys(text, path);
}

function parseKeys(text: string, path: string): CallerKey[] {
  const entries = entriesOf(text, path);
  const keys = entries.map((entry, index) => keyOf(entry, { path, index }));
  for (const [field, values] of [
    ['name', keys.map(({ name }) => name)],
    ['sha256', keys.map(({ digest }) => digest.toString('hex'))],
  ] as const) {
    const twice = values.findIndex((value, index) => values.indexOf(value) !== index);
    if (twice >= 0) throw refuse(path, `keys[${twice}] repeats the ${field} of another key`, 'Remove one');
  }
  return keys;
}

function entriesOf(text: string, path: string): readonly unknown[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw refuse(path, 'this is not valid JSON', FORM);
  }
  const keys = isRecord(root) && onlyHas(root, ['keys']) ? root.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) throw refuse(path, 'there is no list of keys', FORM);
  return keys;
}

function keyOf(entry: unknown, { path, index }: { path: string; index: number }): CallerKey {
  const place = `keys[${index}]`;
  if (!isRecord(entry) || !onlyHas(entry, ['name', 'sha256', 'scopes'])) {
    throw refuse(path, `${place} does not hold just name, sha256 and scopes`, FORM);
  }
  const { name, sha256, scopes } = entry;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw refuse(path, `${place} has no good name`, 'Use 1 to 64 letters, digits or . _ @ -');
  }
  if (typeof sha256 !== 'string' || !SHA256_HEX.test(sha256)) {
    throw refuse(path, `${place} (${name}) has no SHA-256 in hex`, 'Make it: printf %s "$KEY" | sha256sum');
  }
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope)) {
    throw refuse(path, `${place} (${name}) has no good scopes`, `Use a list out of: ${SCOPES.join(', ')}`);
  }
  return { name, digest: Buffer.from(sha256, 'hex'), scopes };
}

const refuse = (file: string, problem: string, fix: string): SettingsError =>
  new SettingsError(problem, fix, { file });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const onlyHas = (value: object, fields: readonly string[]): boolean =>
  Object.keys(value).every((field) => fields.includes(field));

const isScope = (value: unknown): value is Scope => SCOPES.some((scope) => scope === value);
