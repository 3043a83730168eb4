import { Fault, invalidRequest, pointerTo } from '@longhaul/contract';
import { MAX_MESSAGES, MAX_PARTS } from './messages';

/** As many as the most messages can hold when each call stands in one and its answer in the next. */
const MAX_ALL_CALLS = MAX_MESSAGES / 2;

/**
 * What all messages hold together is counted before any of it is looked into: each message by itself may hold as many as
 * are allowed in all, and to check ten thousand times ten thousand would hold up the event loop for seconds.
 * @param body of a form that nobody has checked yet
 * @throws GatewayError invalid_request
 */
export function refuseTooMany(body: unknown, root: string): void {
  const { messages } = Object(body) as { readonly messages?: unknown };
  // What is wrong with these is said when they are checked, and none of their items is looked at then either.
  if (!Array.isArray(messages) || messages.length > MAX_MESSAGES) return;
  const fault = (most: number, what: string): Fault => ({
    pointer: pointerTo(root, 'messages'),
    detail: `must hold at most ${String(most)} ${what} in all messages together.`,
  });
  const faults = [
    ...(lengthOfAll(messages, 'content') > MAX_PARTS ? [fault(MAX_PARTS, 'parts')] : []),
    ...(lengthOfAll(messages, 'tool_calls') > MAX_ALL_CALLS ? [fault(MAX_ALL_CALLS, 'tool calls')] : []),
  ];
  if (faults.length > 0) throw invalidRequest(faults);
}

function lengthOfAll(messages: readonly unknown[], field: string): number {
  return messages.reduce<number>((sum, message) => {
    const list: unknown = Reflect.get(Object(message) as object, field);
    return Array.isArray(list) ? sum + list.length : sum;
  }, 0);
}
