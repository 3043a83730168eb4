/** What is accepted as a base URL, for messages. */
export const BASE_URL_FORM = 'an http:// or https:// URL without user, password, query or fragment';

/** Their own APIs lie beside the OpenAI-compatible ones, and Ollama's paths begin with /api themselves. */
const BESIDE: Readonly<Record<string, RegExp>> = { ollama: /\/(v1|api)$/, gemini: /\/openai$/ };

/** The URL as this dialect needs it, when somebody wrote the path of another protocol after it; null = it is right. */
export function baseUrlFor(dialect: string, url: string): string | null {
  const pattern = BESIDE[dialect];
  return pattern?.test(url) === true ? url.replace(pattern, '') : null;
}

/** The URL without a closing slash, or null. User, password and query are refused: keys travel only as `auth` says. */
export function parseBaseUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return text.trim().replace(/\/+$/, '');
}
