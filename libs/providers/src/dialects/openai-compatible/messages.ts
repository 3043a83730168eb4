import { ChatMessage, ContentPart, GatewayError, ImageSource, ToolCall } from '@longhaul/contract';
import { JsonObject } from '../../json';
import { Quirks } from './quirks';

/** What goes back of an answer, by its place of choice. A caller may have made it up, so only in its own form. */
const ECHOES = {
  reasoning_content: ['reasoning_content'],
  reasoning_details: ['reasoning_details', 'reasoning'],
} as const;
const hasForm = (member: string, value: unknown): boolean =>
  member === 'reasoning_details' ? Array.isArray(value) : typeof value === 'string';

/** What a provider takes for "it did not think" where it refuses an empty text. */
const NO_THOUGHTS = ' ';

function urlOf(image: ImageSource, quirks: Quirks): string {
  switch (image.kind) {
    case 'base64':
      return `data:${image.mediaType};base64,${image.data}`;
    case 'url':
      if (quirks.imageUrls || image.url.startsWith('data:')) return image.url;
      throw new GatewayError(
        'rejected_request',
        'Nothing was sent: this provider fetches no images, and one of the request is a URL. Send the image itself as base64.',
        { phase: 'before_send' },
      );
    default:
      return image satisfies never;
  }
}

function partOf(part: ContentPart, quirks: Quirks): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const detail = part.detail === undefined ? {} : { detail: part.detail };
  return { type: 'image_url', image_url: { url: urlOf(part.image, quirks), ...detail } };
}

const callOf = ({ id, name, arguments: text }: ToolCall): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});

/** What the provider gave with its answer, as it gave it. `keepsThinking`: its tool calls must not come without. */
function echoOf({ state, toolCalls = [] }: ChatMessage, quirks: Quirks, keepsThinking: boolean): JsonObject {
  if (quirks.echo === null) return {};
  const member = ECHOES[quirks.echo].find((name) => hasForm(name, state?.data[name]));
  if (member !== undefined) return { [member]: state?.data[member] };
  return quirks.needsEcho && keepsThinking && toolCalls.length > 0 ? { reasoning_content: NO_THOUGHTS } : {};
}

/** One message of the request. */
export function messageOf(message: ChatMessage, quirks: Quirks, keepsThinking: boolean): JsonObject {
  const { role, content, toolCalls = [], toolCallId } = message;
  const isBare = content === '' && toolCalls.length > 0;
  return {
    role,
    content: isBare
      ? null
      : typeof content === 'string'
        ? content
        : content.map((part) => partOf(part, quirks)),
    ...(role === 'assistant' ? echoOf(message, quirks, keepsThinking) : {}),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(callOf) }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  };
}
