import { GatewayError } from '@longhaul/contract';

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

interface OriginHeaders {
  readonly host?: string;
  readonly origin?: string;
}

/**
 * Without keys the loopback address is the only wall, and a web page can get past it: by a name of its own that
 * resolves to 127.0.0.1 (foreign Host), or by a plain cross-site request (foreign Origin). Both are refused.
 */
export function refuseForeign(headers: OriginHeaders): void {
  if (!isLocalHost(headers.host)) {
    throw new GatewayError(
      'forbidden',
      'No API keys are configured, so only requests to localhost, 127.0.0.1 or [::1] are served; this one ' +
        'names another Host. Use one of these names, or set LONGHAUL_API_KEYS_FILE.',
    );
  }
  if (headers.origin !== undefined && !isLocalOrigin(headers.origin)) {
    throw new GatewayError(
      'forbidden',
      'No API keys are configured, so requests that a page of another Origin makes are refused. Open the page ' +
        'from localhost, or set LONGHAUL_API_KEYS_FILE.',
    );
  }
}

function isLocalHost(host: string | undefined): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host ?? '')?.[1];
  return name !== undefined && LOCAL_NAMES.has(name.toLowerCase());
}

function isLocalOrigin(origin: string): boolean {
  const host = /^https?:\/\/(.*)$/i.exec(origin)?.[1];
  return host !== undefined && isLocalHost(host);
}
