import { ChatAnswer, FinishReason, ProviderState, ToolCall, toStorableText } from '@longhaul/contract';
import { KindResult } from '../kind';

/** A call in OpenAI's form, as it is sent back with the message. */
export interface ToolCallOutput {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface MessageOutput {
  readonly role: 'assistant';
  /** Null when the answer is nothing but tool calls. */
  readonly content: string | null;
  readonly tool_calls?: readonly ToolCallOutput[];
  readonly state?: ProviderState;
}

export interface ChatOutput {
  readonly text: string;
  readonly message: MessageOutput;
  readonly tool_calls?: readonly ToolCallOutput[];
  readonly finish_reason: FinishReason;
  readonly reasoning?: string;
}

/** The answer as it is kept: nothing in it that PostgreSQL refuses, for it has been paid for. */
export function resultOf(answer: ChatAnswer): KindResult {
  const output = outputOf(answer);
  switch (output.finish_reason) {
    case 'length':
      return { status: 'incomplete', reason: 'max_output_tokens', output };
    case 'content_filter':
      return { status: 'incomplete', reason: 'content_filter', output };
    case 'stop':
    case 'tool_calls':
    case 'unknown':
      return { status: 'completed', output };
  }
}

function outputOf(answer: ChatAnswer): ChatOutput {
  const text = toStorableText(answer.text);
  const calls = answer.toolCalls.map(callOf);
  const state = stateOf(answer.state);
  const withCalls = calls.length === 0 ? {} : { tool_calls: calls };
  const content = text === '' && calls.length > 0 ? null : text;
  return {
    text,
    message: { role: 'assistant', content, ...withCalls, ...(state === null ? {} : { state }) },
    ...withCalls,
    finish_reason: finishOf(answer),
    ...(answer.reasoning !== null &&
      answer.reasoning !== '' && { reasoning: toStorableText(answer.reasoning) }),
  };
}

const callOf = ({ id, name, arguments: written }: ToolCall): ToolCallOutput => ({
  id: toStorableText(id),
  type: 'function',
  function: { name: toStorableText(name), arguments: toStorableText(written) },
});

/** Providers differ in whether calls end an answer as `stop` or as `tool_calls`; callers go by the word. */
function finishOf({ finishReason, toolCalls }: ChatAnswer): FinishReason {
  const hasCalls = toolCalls.length > 0;
  if (finishReason === 'tool_calls') return hasCalls ? 'tool_calls' : 'stop';
  return hasCalls && (finishReason === 'stop' || finishReason === 'unknown') ? 'tool_calls' : finishReason;
}

const stateOf = (state: ProviderState | null): ProviderState | null =>
  state === null ? null : { provider: state.provider, data: storable(state.data) as ProviderState['data'] };

/** Recursion is safe: the call has bounded the depth. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [toStorableText(name), storable(member)]),
  );
}
