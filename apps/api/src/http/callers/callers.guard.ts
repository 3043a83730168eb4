import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '@longhaul/contract';
import { CallerKey } from './keys-file';
import { refuseForeign } from './local-only';
import { ROUTE_SCOPES, Scope } from './scopes';

/** The caller of a gateway without keys. */
export const LOCAL_CALLER = 'local';

const MAX_KEY_CHARACTERS = 512;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Knows who calls, and whether that caller may use a route. Asked before a body is read. */
export class CallersGuard {
  /** @param keys null = no keys are configured: everybody on this machine is `local`. */
  constructor(
    private readonly keys: readonly CallerKey[] | null,
    private readonly scopes: Readonly<Record<string, Scope | 'public'>> = ROUTE_SCOPES,
  ) {}

  /**
   * The caller's name, or null on a public route.
   * @param route as in the scope table, e.g. `GET /v1/jobs/:id`
   */
  admit(route: string, headers: Headers): string | null {
    const scope = Object.hasOwn(this.scopes, route) ? this.scopes[route] : undefined;
    if (scope === undefined) {
      throw new GatewayError('forbidden', `${route} stands in no scope, so nobody may use it.`);
    }
    if (scope === 'public') return null;
    if (this.keys === null) {
      refuseForeign({ host: single(headers.host), origin: single(headers.origin) });
      return LOCAL_CALLER;
    }
    const key = this.#find(presentedKey(headers), this.keys);
    if (!key.scopes.includes(scope)) {
      throw new GatewayError(
        'forbidden',
        `The key of ${key.name} lacks the scope \`${scope}\`, which ${route} needs.`,
      );
    }
    return key.name;
  }

  /** Routes that the router knows and the scope table does not. */
  uncovered(routes: readonly string[]): string[] {
    return routes.filter((route) => !Object.hasOwn(this.scopes, route));
  }

  #find(presented: string | null, keys: readonly CallerKey[]): CallerKey {
    if (presented === null) {
      throw new GatewayError(
        'unauthenticated',
        'No API key was sent. Send `Authorization: Bearer <key>` or `x-api-key: <key>`.',
      );
    }
    const digest = createHash('sha256').update(presented).digest();
    // Every key is compared, so that the time taken tells nothing about which one came close.
    const matches = keys.filter((key) => timingSafeEqual(key.digest, digest));
    const [key] = presented.length > MAX_KEY_CHARACTERS ? [] : matches;
    if (key === undefined) {
      throw new GatewayError('unauthenticated', 'The API key is not known. Check it, or ask for a new one.');
    }
    return key;
  }
}

function presentedKey(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(single(headers.authorization) ?? '')?.[1];
  return bearer ?? (single(headers['x-api-key']) || null);
}

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join(', ');
