import { GatewayError } from '@longhaul/contract';

/** setTimeout takes 31 bits; a longer deadline is watched by the Reconciler. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Ends a running call at its job's deadline, and at once when the claim was held up past it: no byte may go out then.
 * @returns the timer, to be cleared when the call is over
 */
export function watchDeadline(msToDeadline: number, controller: AbortController): NodeJS.Timeout {
  const end = (): void => {
    controller.abort(
      new GatewayError('deadline_exceeded', 'The deadline passed before an answer was complete.'),
    );
  };
  if (msToDeadline <= 0) end();
  return setTimeout(end, Math.min(Math.max(0, msToDeadline), LONGEST_TIMER_MS));
}
