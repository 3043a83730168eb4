import { Timers } from './clocks';
import { HttpReply } from './http';
import { WireFailure } from './wire-failure';

export interface TextLimits {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * What comes of a body within the limits; the rest is cut off. For error bodies: their status is known already, so a
 * body that is too long, too slow, broken or unreadable must not turn the refusal into another failure.
 */
export async function textAtMost(reply: HttpReply, limits: TextLimits, timers: Timers): Promise<string> {
  const timer = timers.setTimeout(() => {
    reply.destroy();
  }, limits.ms);
  let text = '';
  try {
    for await (const piece of reply.text()) {
      text += piece;
      if (text.length > limits.bytes) break;
    }
  } catch (thrown) {
    if (!(thrown instanceof WireFailure)) throw thrown;
  } finally {
    timers.clearTimeout(timer);
  }
  return text;
}
