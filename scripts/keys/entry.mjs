import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '../system/files.mjs';

/** As in apps/api/src/http/callers/scopes.ts; a test compares them. */
export const SCOPES = ['jobs', 'admin'];

const NAME = /^[\w.@-]{1,64}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;
const FORM = 'Write {"keys":[{"name":"ci","sha256":"<hex>","scopes":["jobs"]}]}, see docs/operations.md';

/** 256 random bits behind a prefix by which scanners of secrets know it. */
export const randomKey = () => `lh_${randomBytes(32).toString('base64url')}`;

/** What the file holds of a key: never the key. */
export const entryOf = (key, { name, scopes }) => ({
  name,
  sha256: createHash('sha256').update(key).digest('hex'),
  scopes: [...new Set(scopes)],
});

export function refuseBadWish({ name, scopes }) {
  if (!NAME.test(name)) {
    throw new Refusal(`"${name}" is no good name. Use 1 to 64 letters, digits or . _ @ -`);
  }
  const unknown = scopes.find((scope) => !SCOPES.includes(scope));
  if (unknown !== undefined) {
    throw new Refusal(`There is no scope "${unknown}". Use a list out of: ${SCOPES.join(',')}`);
  }
}

/**
 * The entries of a file that the API reads. A file that it refuses is not written over: a key in it would never hold.
 * The rules and their words are those of apps/api/src/http/callers/keys-file.ts, and one table of faults tests both
 * (keys-file.fixtures.ts there); they stand here again because this works before anything is installed or built.
 */
export function parseEntries(text, file) {
  const refuse = (problem, fix) => {
    throw new Refusal(`${file}: ${problem}. ${fix}`);
  };
  const root = parsed(text, refuse);
  const keys = isRecord(root) && onlyHas(root, ['keys']) ? root.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) refuse('there is no list of keys', FORM);
  keys.forEach((entry, index) => checkEntry(entry, `keys[${index}]`, refuse));
  refuseRepeats(keys, refuse);
  return keys;
}

function checkEntry(entry, place, refuse) {
  if (!isRecord(entry) || !onlyHas(entry, ['name', 'sha256', 'scopes'])) {
    refuse(`${place} does not hold just name, sha256 and scopes`, FORM);
  }
  const { name, sha256, scopes } = entry;
  if (typeof name !== 'string' || !NAME.test(name)) {
    refuse(`${place} has no good name`, 'Use 1 to 64 letters, digits or . _ @ -');
  }
  if (typeof sha256 !== 'string' || !SHA256_HEX.test(sha256)) {
    refuse(`${place} (${name}) has no SHA-256 in hex`, 'Make it: printf %s "$KEY" | sha256sum');
  }
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope))) {
    refuse(`${place} (${name}) has no good scopes`, `Use a list out of: ${SCOPES.join(', ')}`);
  }
}

function refuseRepeats(keys, refuse) {
  for (const [field, values] of [
    ['name', keys.map(({ name }) => name)],
    ['sha256', keys.map(({ sha256 }) => sha256.toLowerCase())],
  ]) {
    const twice = values.findIndex((value, index) => values.indexOf(value) !== index);
    if (twice >= 0) refuse(`keys[${twice}] repeats the ${field} of another key`, 'Remove one');
  }
}

function parsed(text, refuse) {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    return refuse('this is not valid JSON', FORM);
  }
}

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const onlyHas = (value, fields) => Object.keys(value).every((field) => fields.includes(field));

export const textOf = (entries) => `${JSON.stringify({ keys: entries }, null, 2)}\n`;
