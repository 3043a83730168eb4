import { randomUUID } from 'node:crypto';

/** What a caller may send as its own id: nothing that could break a log line or a header. */
const ACCEPTABLE = /^[\w.-]{1,128}$/;

export const makeRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`;

/** The caller's `x-request-id` when it is acceptable, else a new one. */
export function requestIdOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  makeId: () => string = makeRequestId,
): string {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && ACCEPTABLE.test(sent) ? sent : makeId();
}
