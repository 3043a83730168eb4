import { Decision, GatewayError } from '@longhaul/contract';

/** A decision that is told and not taken. */
export interface Explanation extends Omit<Decision, 'decidedBy'> {
  /** Null when no target is left. */
  readonly decidedBy: string | null;
  /** What `route` would throw when no target is left. */
  readonly error: GatewayError | null;
}
