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

/** The entries of a file that the API would read; a file that it would refuse is not written over. */
export function parseEntries(text, file) {
  const { keys } = parsed(text, file);
  const isWhole = (entry) =>
    typeof entry?.name === 'string' &&
    NAME.test(entry.name) &&
    typeof entry.sha256 === 'string' &&
    SHA256_HEX.test(entry.sha256) &&
    Array.isArray(entry.scopes) &&
    entry.scopes.every((scope) => SCOPES.includes(scope));
  if (!Array.isArray(keys) || !keys.every(isWhole)) {
    throw new Refusal(`${file}: this is no file of callers. ${FORM}`);
  }
  return keys;
}

function parsed(text, file) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    // The parser's own message quotes the file.
    throw new Refusal(`${file}: this is not valid JSON. ${FORM}`);
  }
}

export const textOf = (entries) => `${JSON.stringify({ keys: entries }, null, 2)}\n`;
