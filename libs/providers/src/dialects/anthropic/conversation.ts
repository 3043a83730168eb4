import { ChatMessage, ChatRequest, ContentPart, ToolCall } from '@longhaul/contract';
import { isObject, JsonObject, parseJson } from '../../json';
import { isThought, thoughtsOf, withThoughts } from './thoughts';

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonObject[];
}

export interface Conversation {
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly notes: readonly string[];
}

/** What the API takes for the id of a call; other providers write dots and colons. */
const WIRE_ID = /^[a-zA-Z0-9_-]+$/;
const wireId = (id: string): string =>
  WIRE_ID.test(id) ? id : `id_${Buffer.from(id).toString('base64url')}`;

const OPENING = '(The conversation begins with an answer.)';

/** The messages as this protocol has them: the system apart, two roles by turns, a user first. */
export function conversationOf({ messages, model }: ChatRequest): Conversation {
  const spoken = messages.filter(({ role }) => role !== 'system');
  const system = messages
    .filter(({ role }) => role === 'system')
    .map(({ content }) => plainText(content))
    .filter((text) => text.trim() !== '')
    .join('\n\n');
  const turns = withCleanEnd(
    merged(spoken.map((message) => turnOf(message, model)).filter(({ content }) => content.length > 0)),
  );
  const notes = systemNotes(messages);
  if (turns.length === 0) {
    const alone: Turn = { role: 'user', content: [{ type: 'text', text: system }] };
    return {
      system: '',
      turns: [alone],
      notes: [...notes, 'The system message was sent as the user: this protocol wants one.'],
    };
  }
  if (turns[0]?.role === 'user') return { system, turns, notes };
  const opening: Turn = { role: 'user', content: [{ type: 'text', text: OPENING }] };
  return {
    system,
    turns: [opening, ...turns],
    notes: [...notes, 'A first user message was added: this protocol does not begin with an assistant.'],
  };
}

function systemNotes(messages: readonly ChatMessage[]): string[] {
  const firstSpoken = messages.findIndex(({ role }) => role !== 'system');
  const isMoved = messages.some(
    ({ role }, index) => role === 'system' && firstSpoken !== -1 && index > firstSpoken,
  );
  const hasImage = messages.some(
    ({ role, content }) =>
      role === 'system' && typeof content !== 'string' && content.some(({ type }) => type === 'image'),
  );
  return [
    ...(isMoved
      ? ['A later system message was moved to the top: this protocol has one place for them.']
      : []),
    ...(hasImage ? ['An image of a system message was left out: this protocol takes text there.'] : []),
  ];
}

/** The results of one turn's calls must stand in one message, and before anything else in it. */
function merged(turns: readonly Turn[]): Turn[] {
  const groups: Turn[] = [];
  for (const turn of turns) {
    const last = groups.at(-1);
    if (last?.role === turn.role)
      groups.splice(-1, 1, { ...last, content: [...last.content, ...turn.content] });
    else groups.push(turn);
  }
  const isResult = ({ type }: JsonObject): boolean => type === 'tool_result';
  return groups.map(({ role, content }) => ({
    role,
    content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))],
  }));
}

/** "final assistant content cannot end with trailing whitespace": what the model is to go on from. */
function withCleanEnd(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || typeof block?.['text'] !== 'string') return turns;
  const clean = { ...block, text: block['text'].trimEnd() };
  return [...turns.slice(0, -1), { ...last, content: [...last.content.slice(0, -1), clean] }];
}

function turnOf(message: ChatMessage, model: string): Turn {
  const { role, content, toolCallId = '' } = message;
  if (role === 'assistant') return { role, content: assistantBlocks(message, model) };
  if (role !== 'tool') return { role: 'user', content: blocksOf(content) };
  const blocks = blocksOf(content);
  const result = { type: 'tool_result', tool_use_id: wireId(toolCallId) };
  return { role: 'user', content: [blocks.length === 0 ? result : { ...result, content: blocks }] };
}

function assistantBlocks({ content, toolCalls = [], state }: ChatMessage, model: string): JsonObject[] {
  const calls = new Map(toolCalls.map((call) => [call.id, toolUse(call)]));
  const blocks = withThoughts(thoughtsOf(state, model), { text: plainText(content), calls }).filter(
    (block) => block['type'] !== 'text' || isWorded(block['text']),
  );
  // Thoughts alone are no message.
  return blocks.every(({ type }) => type === 'thinking' || type === 'redacted_thinking') ? [] : blocks;
}

const toolUse = ({ id, name, arguments: written }: ToolCall): JsonObject => {
  const input = written.trim() === '' ? {} : parseJson(written);
  // What a model wrote wrongly is still what it wrote; the API wants an object.
  return { type: 'tool_use', id: wireId(id), name, input: isObject(input) ? input : { arguments: written } };
};

/** The API refuses a text of white space. */
const isWorded = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '';

function blocksOf(content: ChatMessage['content']): JsonObject[] {
  const parts: readonly ContentPart[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return parts.filter((part) => part.type === 'image' || isWorded(part.text)).map(blockOf);
}

function blockOf(part: ContentPart): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { image } = part;
  const source =
    image.kind === 'url'
      ? { type: 'url', url: image.url }
      : { type: 'base64', media_type: image.mediaType, data: image.data };
  return { type: 'image', source };
}

const plainText = (content: ChatMessage['content']): string =>
  typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** A loop of tools that runs since the last word of the user, and has a step that carries no thoughts of this model. */
export function hasThoughtlessStep({ messages, model }: ChatRequest): boolean {
  const since = messages.findLastIndex(({ role }) => role === 'user');
  return messages
    .slice(since + 1)
    .some(
      ({ role, toolCalls = [], state }) =>
        role === 'assistant' && toolCalls.length > 0 && !thoughtsOf(state, model).some(isThought),
    );
}
