/** From a refusal to the next look where the name leads, while each new connection is refused as well. */
const FIRST_GAP_MS = 1000;
const LONGEST_GAP_MS = 5000;
/** A connection that was not refused for so long begins anew. */
const CALM_MS = 30_000;

/**
 * What a Redis says that is no primary, or not any more: READONLY, MASTERDOWN where it may not even be read from, and
 * LOADING while it copies the new primary's data. Redis 6.2 puts what a script was told behind words of its own.
 * UNBLOCKED is not of them: Redis ends that connection itself.
 */
const REFUSAL = /^(READONLY|MASTERDOWN|LOADING) |-(READONLY|MASTERDOWN) /;

/**
 * Whether ioredis shall make a connection anew (`reconnectOnError`), because the name that it was made by may lead to
 * another server now. One for each connection. Its answer is a yes, at most, and never "send it again" (2): the command
 * was not run, its caller knows of it, and whoever rings or fetches does so again.
 *
 * ioredis counts attempts from zero after each that succeeds, so `retryStrategy` is no bound here: a name that goes on
 * leading to a replica would be followed ten times a second.
 */
export function renewal(now: () => number = () => performance.now()): (error: Error) => boolean {
  let renewedAtMs = -Infinity;
  let gapMs = FIRST_GAP_MS;
  return ({ message }) => {
    if (!REFUSAL.test(message)) return false;
    const calmMs = now() - renewedAtMs;
    if (calmMs < gapMs) return false;
    gapMs = calmMs < CALM_MS ? Math.min(2 * gapMs, LONGEST_GAP_MS) : FIRST_GAP_MS;
    renewedAtMs = now();
    return true;
  };
}
