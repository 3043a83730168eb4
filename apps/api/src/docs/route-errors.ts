import { ErrorCode, ERRORS } from '@longhaul/contract';
import { ROUTE_SCOPES, Scope } from '../http/callers/scopes';
import { RouteDoc } from './route-doc';

/** `/v1/jobs/{id}` of the documents is `/v1/jobs/:id` of the router, and a rest of the path is `*`. */
export function scopeTableName({ method, path, parameters = [] }: RouteDoc): string {
  const rests = parameters.filter(({ isRestOfPath }) => isRestOfPath).map(({ name }) => name);
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => (rests.includes(name) ? '*' : `:${name}`));
  return `${method} ${place}`;
}

export function scopeOf(route: RouteDoc): Scope | 'public' {
  return ROUTE_SCOPES[scopeTableName(route)] ?? 'admin';
}

/** What the guard answers, the reader of the query, and what stands below. */
const OF_SCOPED: readonly ErrorCode[] = [
  'malformed_request',
  'unauthenticated',
  'forbidden',
  'store_unavailable',
  'internal',
];
/** Whatever has a body, asked for or not. */
const OF_BODIES: readonly ErrorCode[] = ['payload_too_large', 'unsupported_media_type', 'invalid_request'];

/** Every code that a route may answer, in the order of the table. */
export function errorsOf(route: RouteDoc): ErrorCode[] {
  const possible = new Set<ErrorCode>([
    ...(scopeOf(route) === 'public' ? [] : OF_SCOPED),
    ...(route.method === 'GET' ? [] : OF_BODIES),
    ...(route.path.includes('{') ? (['not_found'] as const) : []),
    ...(route.errors ?? []),
  ]);
  return (Object.keys(ERRORS) as ErrorCode[]).filter((code) => possible.has(code));
}

/** The same by HTTP status, ascending. */
export function errorsByStatus(route: RouteDoc): Map<number, ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return new Map([...byStatus].sort(([left], [right]) => left - right));
}
