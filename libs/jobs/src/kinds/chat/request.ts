import {
  ChatMessage,
  ContentPart,
  ImageSource,
  ReasoningEffort,
  ResponseFormat,
  Tool,
  ToolCall,
  ToolChoice,
} from '@longhaul/contract';
import { CallRequest } from '../kind';
import { isAbsent } from './absent';
import { dataImageOf } from './field-rules';
import type { ChatInput } from './input';
import { ChatMessageInput, ContentPartInput, ToolCallInput } from './messages';
import type { ResponseFormatInput, ToolChoiceInput, ToolInput } from './tools';

/** The input as a dialect takes it: only what the caller set. */
export function requestOf(input: ChatInput): CallRequest {
  const { max_output_tokens: budget, temperature, top_p: topP, stop } = input;
  const system = isAbsent(input.system) ? [] : [{ role: 'system' as const, content: input.system }];
  return {
    messages: [...system, ...input.messages.map(messageOf)],
    ...(isAbsent(budget) ? {} : { maxOutputTokens: budget }),
    ...(isAbsent(temperature) ? {} : { temperature }),
    ...(isAbsent(topP) ? {} : { topP }),
    ...(isAbsent(stop) ? {} : { stop: typeof stop === 'string' ? [stop] : stop }),
    ...toolsOf(input),
    ...formatOf(input.response_format),
    ...effortOf(input.reasoning_effort),
  };
}

function messageOf({ role, content, tool_calls, tool_call_id, state }: ChatMessageInput): ChatMessage {
  return {
    role: role === 'developer' ? 'system' : role,
    content: Array.isArray(content) ? content.map(partOf) : (content ?? ''),
    ...(isAbsent(tool_calls) || tool_calls.length === 0 ? {} : { toolCalls: tool_calls.map(callOf) }),
    ...(isAbsent(tool_call_id) ? {} : { toolCallId: tool_call_id }),
    ...(isAbsent(state) ? {} : { state: { provider: state.provider, data: state.data } }),
  };
}

function partOf({ text, image_url: image }: ContentPartInput): ContentPart {
  if (isAbsent(image)) return { type: 'text', text: text ?? '' };
  const { url, detail } = image;
  return { type: 'image', image: imageOf(url), ...(isAbsent(detail) ? {} : { detail }) };
}

function imageOf(url: string): ImageSource {
  const image = dataImageOf(url);
  return image === null ? { kind: 'url', url } : { kind: 'base64', ...image };
}

const callOf = ({ id, function: called }: ToolCallInput): ToolCall => ({
  id,
  name: called.name,
  arguments: called.arguments,
});

function toolsOf({ tools, tool_choice: choice }: ChatInput): Pick<CallRequest, 'tools' | 'toolChoice'> {
  return {
    ...(isAbsent(tools) || tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
    ...(isAbsent(choice) ? {} : { toolChoice: choiceOf(choice) }),
  };
}

/** A schema without a type, or none at all, is one of an object; OpenAI refuses one without properties too. */
function toolOf({ function: { name, description, parameters, strict } }: ToolInput): Tool {
  return {
    name,
    ...(isAbsent(description) || description === '' ? {} : { description }),
    parameters: { type: 'object', properties: {}, ...parameters },
    ...(isAbsent(strict) ? {} : { strict }),
  };
}

const choiceOf = (choice: ToolChoiceInput): ToolChoice =>
  typeof choice === 'string' ? { kind: choice } : { kind: 'named', name: choice.function.name };

function formatOf(format: ResponseFormatInput | null | undefined): { responseFormat?: ResponseFormat } {
  if (isAbsent(format) || format.type === 'text') return {};
  if (format.type === 'json_object' || isAbsent(format.json_schema))
    return { responseFormat: { kind: 'json_object' } };
  const { name, schema, strict } = format.json_schema;
  return {
    responseFormat: { kind: 'json_schema', name, schema, ...(isAbsent(strict) ? {} : { strict }) },
  };
}

const effortOf = (effort: ChatInput['reasoning_effort']): { reasoningEffort?: ReasoningEffort } =>
  isAbsent(effort) ? {} : { reasoningEffort: effort === 'xhigh' ? 'max' : effort };
