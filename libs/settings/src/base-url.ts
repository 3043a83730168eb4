/** What is accepted as a base URL, for messages. */
export const BASE_URL_FORM = 'an http:// or https:// URL without user, password, query or fragment';

/** The URL without a closing slash, or null. User, password and query are refused: keys travel only as `auth` says. */
export function parseBaseUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return text.trim().replace(/\/+$/, '');
}
