import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';

const callers = new WeakMap<object, string>();

/** Called once per request, when the guard has admitted it. */
export function rememberCaller(request: object, caller: string | null): void {
  if (caller !== null) callers.set(request, caller);
}

/** The caller's name as a parameter of a controller's method. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const caller = callers.get(context.switchToHttp().getRequest<object>());
  if (caller !== undefined) return caller;
  throw new GatewayError('internal', 'A public route asked for its caller. Give the route a scope.');
});
