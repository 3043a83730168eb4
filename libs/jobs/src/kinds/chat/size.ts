import { Capability, Need } from '@longhaul/contract';
import { estimateTokens } from '../estimate';
import { isAbsent } from './absent';
import type { ChatInput } from './input';
import { ChatMessageInput, ContentPartInput } from './messages';

const DEFAULT_OUTPUT_TOKENS = 4096;
/** Role and separators, which providers count for every message, and for every call and tool as well. */
const TOKENS_PER_MESSAGE = 8;
/**
 * A photo of 12 megapixels costs 4,005 tokens at Claude, 2,942 at OpenAI with detail high, 1,065 at Gemini
 * (huggingface.co/datasets/JOHNISKING/image-token-cost, read 2026-11-21). What a URL leads to is not known here.
 */
export const TOKENS_PER_IMAGE = 4096;

/** What a chat asks of a model. An answer that cannot be had is refused before it is paid for. */
export function needOf(input: ChatInput): Need {
  const system = isAbsent(input.system) ? 0 : estimateTokens(input.system) + TOKENS_PER_MESSAGE;
  const messages = input.messages.map(messageTokens).reduce((sum, tokens) => sum + tokens, 0);
  return {
    type: 'chat',
    inputTokens: system + messages + toolTokens(input) + jsonTokens(input.response_format?.json_schema),
    outputTokens: input.max_output_tokens ?? DEFAULT_OUTPUT_TOKENS,
    capabilities: capabilitiesOf(input),
  };
}

function messageTokens({ content, tool_calls, state }: ChatMessageInput): number {
  const calls = (tool_calls ?? []).map(
    ({ id, function: called }) => estimateTokens(id + called.name + called.arguments) + TOKENS_PER_MESSAGE,
  );
  const said = typeof content === 'string' ? [estimateTokens(content)] : (content ?? []).map(partTokens);
  return [...said, ...calls].reduce(
    (sum, tokens) => sum + tokens,
    TOKENS_PER_MESSAGE + jsonTokens(state?.data),
  );
}

const partTokens = ({ type, text }: ContentPartInput): number =>
  type === 'text' ? estimateTokens(text ?? '') : TOKENS_PER_IMAGE;

const toolTokens = ({ tools }: ChatInput): number =>
  (tools ?? []).reduce((sum, tool) => sum + jsonTokens(tool) + TOKENS_PER_MESSAGE, 0);

const jsonTokens = (value: object | null | undefined): number =>
  isAbsent(value) ? 0 : estimateTokens(JSON.stringify(value));

function capabilitiesOf({ messages, tools, ...input }: ChatInput): Capability[] {
  const { response_format: format, reasoning_effort: effort } = input;
  const usesTools =
    (!isAbsent(tools) && tools.length > 0) ||
    messages.some(({ role, tool_calls }) => role === 'tool' || (tool_calls ?? []).length > 0);
  const hasImages = messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'image_url'),
  );
  const needed: readonly (readonly [Capability, boolean])[] = [
    ['tools', usesTools],
    ['vision', hasImages],
    ['json_mode', format?.type === 'json_object'],
    ['json_schema', format?.type === 'json_schema'],
    // Every model can answer without thinking that is asked for.
    ['reasoning', !isAbsent(effort) && effort !== 'none'],
  ];
  return needed.filter(([, isNeeded]) => isNeeded).map(([capability]) => capability);
}
