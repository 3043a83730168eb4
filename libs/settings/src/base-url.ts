/** What is accepted as a base URL, for messages. */
export const BASE_URL_FORM = 'an http:// or https:// URL without user, password, query or fragment';

/** A base URL as its dialect needs it, and what is amiss with the one that was written. */
export interface SuitedUrl {
  readonly url: string;
  readonly fault: string;
}

/** Their own APIs lie beside the OpenAI-compatible ones, and Ollama's paths begin with /api themselves. */
const BESIDE: Readonly<Record<string, RegExp>> = { ollama: /\/(v1|api)$/, gemini: /\/openai$/ };
/** Anthropic's clients add it to their ANTHROPIC_BASE_URL, and so do those of others who speak its protocol. */
const ANTHROPIC_VERSION = '/v1';
const VERSIONED = /\/v\d\w*$/;

/** Null = it is right. Whoever wrote it for another client meant the same server. */
export function suitedBaseUrl(dialect: string, url: string): SuitedUrl | null {
  const [beside] = BESIDE[dialect]?.exec(url) ?? [];
  if (beside !== undefined) {
    const fault = `ends in ${beside}, which the dialect ${dialect} does not have`;
    return { url: url.slice(0, -beside.length), fault };
  }
  if (dialect !== 'anthropic' || VERSIONED.test(url)) return null;
  const fault = `has no ${ANTHROPIC_VERSION} at its end, which the dialect ${dialect} needs there`;
  return { url: url + ANTHROPIC_VERSION, fault };
}

/** The URL without a closing slash, or null. User, password and query are refused: keys travel only as `auth` says. */
export function parseBaseUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return text.trim().replace(/\/+$/, '');
}
