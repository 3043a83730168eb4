import { Fault, pointerTo } from '@longhaul/contract';
import { isAbsent } from './absent';
import type { Placed } from './faults';
import { ToolCallInput } from './messages';

/** Calls by their id, with the place of the answer where there is one. */
type Calls = Map<string, string | null>;

/**
 * Every tool message answers a call of an earlier assistant message, and no call is answered twice: upstreams refuse the
 * rest with words that help nobody. An id that a later answer uses again is a new call: some providers count anew.
 */
export function toolCallFaults(messages: readonly Placed[]): Fault[] {
  const calls: Calls = new Map();
  return messages.flatMap(({ message: { role, tool_calls: made, tool_call_id: id }, at }) => {
    if (role === 'assistant' && !isAbsent(made)) return callFaults(made, calls, pointerTo(at, 'tool_calls'));
    return role === 'tool' && !isAbsent(id) ? answerFaults(id, calls, at) : [];
  });
}

function callFaults(made: readonly ToolCallInput[], calls: Calls, at: string): Fault[] {
  const first = new Map<string, number>();
  return made.flatMap(({ id }, index) => {
    calls.set(id, null);
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
      return [];
    }
    const detail = `must be unique in its message, but ${pointerTo(pointerTo(at, earlier), 'id')} is the same.`;
    return [{ pointer: pointerTo(pointerTo(at, index), 'id'), detail }];
  });
}

function answerFaults(id: string, calls: Calls, at: string): Fault[] {
  const pointer = pointerTo(at, 'tool_call_id');
  const answer = calls.get(id);
  if (answer === undefined)
    return [{ pointer, detail: 'must be the id of a tool call of an earlier assistant message.' }];
  calls.set(id, at);
  return answer === null
    ? []
    : [{ pointer, detail: `must be of a call without an answer; ${answer} has answered it.` }];
}
