import { GatewayError } from '@longhaul/contract';

/** setTimeout takes 31 bits; a longer deadline is watched by the Reconciler. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Ends a running call at its job's deadline. @returns the timer, to be cleared when the call is over */
export function watchDeadline(msToDeadline: number, controller: AbortController): NodeJS.Timeout {
  return setTimeout(
    () => {
      controller.abort(
        new GatewayError('deadline_exceeded', 'The deadline passed before an answer was complete.'),
      );
    },
    Math.min(Math.max(0, msToDeadline), LONGEST_TIMER_MS),
  );
}
