const PLAIN_HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The address under which the reader of a page has reached us, for its examples. They are pasted into shells, so a Host
 * that is more than a name and a port is not repeated; a TLS proxy in front says `x-forwarded-proto: https`.
 */
export function baseUrlOf(headers: Headers, fallback: string): string {
  const { host, 'x-forwarded-proto': forwarded } = headers;
  if (typeof host !== 'string' || !PLAIN_HOST.test(host)) return fallback;
  return `${forwarded === 'https' ? 'https' : 'http'}://${host.toLowerCase()}`;
}
