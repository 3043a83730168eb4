import { fieldRule, isStorableText, PlainValue } from '@longhaul/contract';
import { isBoundedObject, isStorableJson, JsonBounds } from './json-value';

/** Providers allow no more, and no other characters (OpenAI, Anthropic, Gemini alike). */
export const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_STOPS = 4;
const MAX_STOP = 1000;
const MAX_URL = 8192;
/** Above the largest image that a provider takes in a request (OpenAI: 50 MB for all); the limit of the body is smaller. */
const MAX_DATA_URL = 70_000_000;
const DATA_URL = /^data:(image\/[a-z0-9][a-z0-9.+-]{0,63});base64,/i;
const HEAD_LENGTH = 100;
const NOT_BASE64 = /[^A-Za-z0-9+/]/;

export const IsFunctionName = (): PropertyDecorator =>
  fieldRule({
    name: 'isFunctionName',
    expected: 'must be a name of 1 to 64 letters, digits, underscores and hyphens.',
    schema: { type: 'string', pattern: FUNCTION_NAME.source },
    check: (value) => typeof value === 'string' && FUNCTION_NAME.test(value),
  });

/** An object that is handed on as it is. Its depth is bounded, because every reader behind us recurses. */
export const IsJsonObject = (bounds: JsonBounds): PropertyDecorator =>
  fieldRule({
    name: 'isJsonObject',
    expected:
      `must be an object nested at most ${String(bounds.maxDepth)} levels deep, of at most ` +
      `${String(bounds.maxCharacters)} characters, without NUL and without unpaired surrogates.`,
    schema: { type: 'object' },
    check: (value) => isBoundedObject(value, bounds) && isStorableJson(value),
  });

/** One text or up to four at which the answer ends. */
export const IsStop = (): PropertyDecorator => {
  const text = { type: 'string', minLength: 1, maxLength: MAX_STOP };
  return fieldRule({
    name: 'isStop',
    expected: `must be text of 1 to ${String(MAX_STOP)} characters, or a list of 1 to ${String(MAX_STOPS)} such texts, without NUL and without unpaired surrogates.`,
    schema: { anyOf: [text, { type: 'array', items: text, minItems: 1, maxItems: MAX_STOPS }] },
    check: (value) =>
      isStop(value) ||
      (Array.isArray(value) && value.length >= 1 && value.length <= MAX_STOPS && value.every(isStop)),
  });
};

const isStop = (value: unknown): boolean =>
  typeof value === 'string' && value.length >= 1 && value.length <= MAX_STOP && isStorableText(value);

/**
 * The place of an image, which the provider fetches, or the image itself. We fetch nothing, so what the address leads to
 * is not ours to judge; only that nothing but HTTP is asked of the provider.
 */
export const IsImageUrl = (): PropertyDecorator =>
  fieldRule({
    name: 'isImageUrl',
    expected: `must be an http or https URL of at most ${String(MAX_URL)} characters, or a data: URL of an image in base64, e.g. data:image/png;base64,iVBORw0...`,
    schema: { type: 'string', minLength: 1 },
    check: (value) => typeof value === 'string' && (isWebUrl(value) || dataImageOf(value) !== null),
  });

function isWebUrl(text: string): boolean {
  if (text.length > MAX_URL || /[^\x21-\x7e]/.test(text) || !/^https?:\/\//i.test(text)) return false;
  const { hostname, username, password } = URL.canParse(text) ? new URL(text) : { hostname: '' };
  // Whoever reads the job would read the password.
  return hostname !== '' && !username && !password;
}

/** The image that a data: URL holds; null when it is none. */
export function dataImageOf(url: string): { readonly mediaType: string; readonly data: string } | null {
  if (url.length > MAX_DATA_URL) return null;
  const [head, mediaType] = DATA_URL.exec(url.slice(0, HEAD_LENGTH)) ?? [];
  if (head === undefined || mediaType === undefined) return null;
  const data = url.slice(head.length);
  const bare = data.replace(/={1,2}$/, '');
  const isBase64 = bare.length > 0 && data.length % 4 === 0 && !NOT_BASE64.test(bare);
  return isBase64 ? { mediaType: mediaType.toLowerCase(), data } : null;
}

/** Any text that can be stored, the empty one too: what may be empty depends on who speaks. */
export const ANY_TEXT: PlainValue = {
  schema: { type: 'string' },
  check: (value) => typeof value === 'string' && isStorableText(value),
};

export const oneOfWords = (words: readonly string[]): PlainValue => ({
  schema: { type: 'string', enum: words },
  check: (value) => typeof value === 'string' && words.includes(value),
});
