import { malformed } from './query';

/** Longer waits end at proxies and in clients; who wants more asks again. */
export const MAX_WAIT_MS = 55_000;

/** `wait` of a `Prefer` header (RFC 7240) in milliseconds; null without one. Other preferences are ignored. */
export function preferredWaitMs(
  prefer: string | string[] | undefined,
  mostMs: number = MAX_WAIT_MS,
): number | null {
  const text = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '');
  for (const preference of text.split(',')) {
    const [name = '', value = ''] = (preference.split(';', 1)[0] ?? '').split('=', 2);
    if (name.trim().toLowerCase() !== 'wait') continue;
    return waitMsOf(value.trim().replace(/^"(.*)"$/, '$1'), 'Prefer: wait=', mostMs);
  }
  return null;
}

/** Seconds in digits, no more than the most. @param where names the place to whoever got it wrong */
export function waitMsOf(value: string, where: string, mostMs: number): number {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(value)) {
    throw malformed('wait', `${where} takes seconds, at most ${mostMs / 1000}, e.g. ${where}20.`);
  }
  return Math.min(mostMs, Math.round(Number(value) * 1000));
}
