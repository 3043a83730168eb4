const patterns = new WeakMap<object, string>();

/** Called once per request: Fastify builds its `routeOptions` anew each time they are asked for. */
export function rememberPattern(request: object, pattern: string): void {
  patterns.set(request, pattern);
}

/** The pattern of a request's route, e.g. `/v1/jobs/:id`; undefined when no route takes it. */
export const patternOf = (request: object): string | undefined => patterns.get(request);
