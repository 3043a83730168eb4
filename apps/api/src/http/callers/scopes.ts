export const SCOPES = ['jobs', 'admin'] as const;
/** What a key may do. */
export type Scope = (typeof SCOPES)[number];

/**
 * What each route asks of its caller. A route that does not stand here is refused, and the boot says so.
 * `public` routes are asked by probes, which have no key, and tell nothing about jobs.
 */
export const ROUTE_SCOPES: Readonly<Record<string, Scope | 'public'>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /docs/errors': 'public',
  'POST /v1/jobs': 'jobs',
  'POST /v1/jobs/bulk': 'jobs',
  'GET /v1/jobs/:id': 'jobs',
  'POST /v1/jobs/:id/cancel': 'jobs',
  'POST /v1/jobs/:id/retry': 'jobs',
  'POST /v1/chat': 'jobs',
  'GET /v1/jobs/:id/attempts': 'jobs',
  'GET /v1/jobs/:id/report': 'jobs',
  'GET /v1/jobs/:id/output': 'jobs',
  'GET /v1/jobs/:id/events': 'jobs',
  'DELETE /v1/jobs/:id': 'jobs',
  'GET /v1/jobs': 'jobs',
  'POST /v1/routes/explain': 'jobs',
  'GET /v1/models': 'jobs',
  'GET /v1/models/*': 'jobs',
  'GET /v1/providers': 'admin',
  'GET /v1/providers/:name': 'admin',
  'GET /v1/providers/:name/capabilities': 'admin',
  'POST /v1/providers/:name/ping': 'admin',
  'POST /v1/providers/:name/load': 'admin',
  'POST /v1/providers/:name/unload': 'admin',
  'GET /v1/status': 'jobs',
  'GET /v1/config/effective': 'admin',
  'POST /v1/admin/config': 'admin',
  'GET /v1/admin/config': 'admin',
  'GET /v1/admin/config/:version': 'admin',
  'POST /v1/admin/config/rollback': 'admin',
  'POST /v1/admin/registry/reload': 'admin',
  'GET /v1/registry/snapshot': 'admin',
};
