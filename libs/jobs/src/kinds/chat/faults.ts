import { Fault, pointerTo } from '@longhaul/contract';
import type { ChatInput } from './input';
import { isAbsent } from './absent';
import { toolCallFaults } from './tool-call-faults';
import { ChatMessageInput, ContentPartInput } from './messages';
import type { ResponseFormatInput } from './tools';

/** A message and its place in the body. */
export interface Placed {
  readonly message: ChatMessageInput;
  readonly at: string;
}

/** What a single field's rule cannot see: who may say what, and whether names lead anywhere. Pure. */
export function chatFaults(input: ChatInput, root: string): Fault[] {
  const at = pointerTo(root, 'messages');
  const placed = input.messages.map((message, index) => ({ message, at: pointerTo(at, index) }));
  return [
    ...placed.flatMap(messageFaults),
    ...blankFaults(input.messages, at),
    ...toolCallFaults(placed),
    ...toolFaults(input, root),
    ...formatFaults(input.response_format, pointerTo(root, 'response_format')),
  ];
}

function messageFaults({ message, at }: Placed): Fault[] {
  const { content } = message;
  return [
    ...ownerFaults({ message, at }),
    ...(Array.isArray(content)
      ? content.flatMap((part, index) =>
          partFaults(part, message, pointerTo(pointerTo(at, 'content'), index)),
        )
      : emptyFaults({ message, at })),
  ];
}

const OF_ASSISTANT = ['tool_calls', 'state', 'refusal', 'reasoning_content'] as const;

function ownerFaults({ message, at }: Placed): Fault[] {
  const strange = OF_ASSISTANT.filter((field) => message.role !== 'assistant' && !isAbsent(message[field]));
  const faults = strange.map((field) => ({
    pointer: pointerTo(at, field),
    detail: 'is a field of assistant messages only.',
  }));
  const id = pointerTo(at, 'tool_call_id');
  if (message.role === 'tool' && isAbsent(message.tool_call_id)) {
    const detail = 'is required; it must be the id of the call that this tool message answers.';
    return [...faults, { pointer: id, detail }];
  }
  if (message.role !== 'tool' && !isAbsent(message.tool_call_id))
    return [...faults, { pointer: id, detail: 'is a field of tool messages only.' }];
  return faults;
}

/** A tool's empty result is an answer, and a call needs no words. */
function emptyFaults({ message: { role, content, tool_calls }, at }: Placed): Fault[] {
  const calls = role === 'assistant' && !isAbsent(tool_calls) && tool_calls.length > 0;
  const isEmpty = isAbsent(content) || content === '';
  if (!isEmpty || calls || (role === 'tool' && content === '')) return [];
  const detail = 'must be text of at least 1 characters, or a list of parts.';
  const fault = content === undefined ? `is required; it ${detail}` : detail;
  return [{ pointer: pointerTo(at, 'content'), detail: fault }];
}

function partFaults(part: ContentPartInput, { role }: ChatMessageInput, at: string): Fault[] {
  const [own, other] =
    part.type === 'text' ? (['text', 'image_url'] as const) : (['image_url', 'text'] as const);
  const faults: Fault[] = [];
  if (isAbsent(part[own]))
    faults.push({ pointer: pointerTo(at, own), detail: `is required in a part of the type ${own}.` });
  if (!isAbsent(part[other]))
    faults.push({ pointer: pointerTo(at, other), detail: `is not a field of a part of the type ${own}.` });
  if (part.type === 'image_url' && role !== 'user')
    faults.push({
      pointer: pointerTo(at, 'type'),
      detail: 'must be text: images stand in user messages only.',
    });
  return faults;
}

const isBlank = (text: string | null | undefined): boolean => !isAbsent(text) && text.trim() === '';

const saysNothing = ({ role, content, tool_calls }: ChatMessageInput): boolean =>
  role !== 'tool' &&
  (tool_calls ?? []).length === 0 &&
  (Array.isArray(content) ? content.every(({ text }) => isBlank(text)) : content !== '' && isBlank(content));

/** Providers drop or refuse blank messages; a request of nothing else asks nothing. */
const blankFaults = (messages: readonly ChatMessageInput[], at: string): Fault[] =>
  messages.every(saysNothing)
    ? [{ pointer: at, detail: 'must hold at least one message that is not blank.' }]
    : [];

function toolFaults({ tools, tool_choice: choice }: ChatInput, root: string): Fault[] {
  const names = (tools ?? []).map((tool) => tool.function.name);
  const at = pointerTo(root, 'tools');
  const nameAt = (place: string): string => pointerTo(pointerTo(place, 'function'), 'name');
  const faults = names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const detail = `must be unique, but ${nameAt(pointerTo(at, first))} is the same.`;
    return [{ pointer: nameAt(pointerTo(at, index)), detail }];
  });
  const types = (tools ?? []).flatMap((tool, index) => {
    const type: unknown = tool.function.parameters?.['type'];
    const parameters = pointerTo(pointerTo(pointerTo(at, index), 'function'), 'parameters');
    return type === undefined || type === 'object'
      ? []
      : [{ pointer: pointerTo(parameters, 'type'), detail: 'must be object: arguments have names.' }];
  });
  const isLost = !isAbsent(choice) && typeof choice === 'object' && !names.includes(choice.function.name);
  const lost = {
    pointer: nameAt(pointerTo(root, 'tool_choice')),
    detail: 'must be the name of one of the tools.',
  };
  return [...faults, ...types, ...(isLost ? [lost] : [])];
}

function formatFaults(format: ResponseFormatInput | null | undefined, at: string): Fault[] {
  if (isAbsent(format)) return [];
  const pointer = pointerTo(at, 'json_schema');
  const hasSchema = !isAbsent(format.json_schema);
  if (format.type === 'json_schema' && !hasSchema)
    return [{ pointer, detail: 'is required with the type json_schema.' }];
  return format.type !== 'json_schema' && hasSchema
    ? [{ pointer, detail: 'is a field of the type json_schema only.' }]
    : [];
}
