import { join, resolve } from 'node:path';
import { EnvironmentReader } from './environment-reader';
import { LoadNotes } from './load-notes';
import { readOwnedFile } from './owned-file';
import { Secret } from './secret';
import { SettingsError } from './settings-error';

const PLACEHOLDERS: readonly RegExp[] = [
  /^$/,
  /^<.*>$/,
  /^\$\{.*\}$/,
  /^your[_-]/i,
  /^sk-(kimi-|or-|proj-)?your\b/i,
  /^(sk-)?(kimi-)?x{3,}$/i,
  /^(sk-)?\.{3,}$/,
  /^change[_-]?(me|this)$/i,
  /^replace[_-]?(me|this)$/i,
  /^(placeholder|todo|none|null|undefined|dummy)$/i,
];

/** True for what example files hold in place of a key: such a key counts as missing. */
export const isPlaceholder = (value: string): boolean =>
  PLACEHOLDERS.some((pattern) => pattern.test(value.trim().replace(/^(["'])(.*)\1$/, '$2')));

export interface KeyQuestion {
  readonly variables: readonly string[];
  readonly fallbackFiles: readonly string[];
  readonly homeDir: string;
  /** Relative fallback files are looked for here. */
  readonly configDir: string;
}

export interface FoundKey {
  readonly key: Secret;
  /** A variable's name or a file's path, never the value. */
  readonly source: string;
}

/**
 * The first real key: the variables in order, then their `_FILE` twins in order, then the fallback files in order.
 * Placeholders are passed over with a warning.
 */
export function findKey(question: KeyQuestion, env: EnvironmentReader, notes: LoadNotes): FoundKey | null {
  for (const candidate of keyCandidates(question, env)) {
    const value = unquote(candidate.value);
    if (isPlaceholder(value)) {
      notes.warn(`${candidate.name} holds a placeholder and counts as missing.`);
      continue;
    }
    // Such a value cannot travel in a header, and the HTTP client's own complaint would repeat it.
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw new SettingsError(
        `${candidate.name} holds a space, a line break or a letter that no key has`,
        'Put the bare key there, on one line, without quotes',
      );
    }
    return { key: new Secret(value), source: candidate.source };
  }
  return null;
}

interface KeyCandidate {
  readonly value: string;
  readonly source: string;
  /** How a message names it. */
  readonly name: string;
}

function* keyCandidates(question: KeyQuestion, env: EnvironmentReader): Generator<KeyCandidate> {
  for (const variable of question.variables) {
    const found = env.text(variable);
    if (found !== null) yield { value: found.value, source: variable, name: variable };
  }
  for (const variable of question.variables) {
    const stated = env.text(`${variable}_FILE`);
    if (stated === null) continue;
    const path = resolve(expandHome(stated.value, question.homeDir));
    const content = readOwnedFile(path, stated.variable);
    if (content === null) {
      throw new SettingsError(
        `${stated.variable} names ${path}, which does not exist`,
        'Create it, or unset it',
      );
    }
    yield { value: content, source: path, name: stated.variable };
  }
  for (const file of question.fallbackFiles) {
    const path = resolve(question.configDir, expandHome(file, question.homeDir));
    const content = readOwnedFile(path, 'auth_fallback_files');
    const entries = content === null ? {} : parseKeyFile(content, path);
    for (const variable of question.variables) {
      const value = entries[variable];
      if (value !== undefined) yield { value, source: path, name: `${variable} in ${path}` };
    }
  }
}

export const expandHome = (path: string, homeDir: string): string =>
  path === '~' || path.startsWith('~/') ? join(homeDir, path.slice(1)) : path;

/** A JSON object of strings, or lines `KEY=value`; whatever else stands in such a file is passed over. */
export function parseKeyFile(content: string, path: string): Readonly<Record<string, string>> {
  if (content.trimStart().startsWith('{')) return parseJsonKeys(content, path);
  const lines = content.split(/\r?\n/).map((line) => /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim()));
  const pairs = lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', unquote(match[2] ?? '')]]));
  return Object.fromEntries(pairs);
}

function parseJsonKeys(content: string, path: string): Readonly<Record<string, string>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    // The parser's own message quotes the content.
    throw new SettingsError(
      `auth_fallback_files names ${path}, which is not valid JSON`,
      'Make it one JSON object, or lines KEY=value',
    );
  }
  const pairs = Object.entries(parsed as object).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(pairs);
}

const unquote = (value: string): string => value.trim().replace(/^(["'])(.*)\1$/, '$2');

/** Two account systems with keys that look alike: a swapped one is refused upstream without saying why. */
export function swappedKeyNote(provider: string, found: FoundKey | null): string | null {
  if (found === null) return null;
  const forCoding = found.key.reveal().startsWith('sk-kimi-');
  if (provider === 'moonshot' && forCoding)
    return `${found.source} holds a key of Kimi For Coding (sk-kimi-), which moonshot refuses; it belongs in KIMI_API_KEY.`;
  if (provider === 'kimi' && !forCoding)
    return `${found.source} holds no key of Kimi For Coding (they start with sk-kimi-); a key of the open platform belongs in MOONSHOT_API_KEY.`;
  return null;
}
