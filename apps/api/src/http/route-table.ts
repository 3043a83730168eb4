interface SeenRoute {
  readonly path: string;
  readonly methods: ReadonlySet<string>;
  readonly pattern: RegExp;
}

/** Every route that the router knows: for the answer 405, and for the check that each route has a scope. */
export class RouteTable {
  readonly #routes: SeenRoute[] = [];

  /** Called by Fastify for each route, HEAD twins included. */
  add(path: string, method: string | readonly string[]): void {
    const methods = new Set(typeof method === 'string' ? [method] : method);
    this.#routes.push({ path, methods, pattern: patternOf(path) });
  }

  /** The methods that the path of a request exists for; empty when there is no such path. */
  methodsOf(path: string): string[] {
    const methods = this.#routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }

  /** All routes as `GET /v1/jobs/:id`. A HEAD twin is part of its GET. */
  names(): string[] {
    const names = this.#routes.flatMap(({ path, methods }) =>
      [...methods].map((method) => routeName(method, path)),
    );
    return [...new Set(names)].sort();
  }
}

/** How a route is named in the scope table. */
export const routeName = (method: string, path: string): string =>
  `${method === 'HEAD' ? 'GET' : method} ${path}`;

function patternOf(path: string): RegExp {
  const segments = path.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    // The rest of the path, slashes and all; the router lets it stand last alone.
    if (segment === '*') return '.*';
    return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
