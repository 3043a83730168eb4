import { ChatMessage, GatewayError, ImageSource, ToolCall } from '@longhaul/contract';
import { isObject, JsonObject, parseJson } from '../../json';

const DATA_URL = /^data:[^,]*;base64,(.+)$/s;

/**
 * The messages as /api/chat has them: text and images apart, arguments as objects, results by the name of their tool.
 * @throws GatewayError rejected_request for an image by its URL
 */
export function wireMessages(messages: readonly ChatMessage[]): JsonObject[] {
  const toolNames = new Map<string, string>();
  return messages.map((message) => {
    for (const { id, name } of message.toolCalls ?? []) toolNames.set(id, name);
    return { role: message.role, ...contentOf(message.content), ...particulars(message, toolNames) };
  });
}

function contentOf(content: ChatMessage['content']): JsonObject {
  if (typeof content === 'string') return { content };
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const images = content.flatMap((part) => (part.type === 'image' ? [base64Of(part.image)] : []));
  return { content: texts.join('\n'), ...(images.length === 0 ? {} : { images }) };
}

function base64Of(image: ImageSource): string {
  const data = image.kind === 'base64' ? image.data : DATA_URL.exec(image.url)?.[1];
  if (data !== undefined) return data;
  throw new GatewayError(
    'rejected_request',
    'Nothing was sent: Ollama fetches no images, and a message names one by its URL. Send its bytes as base64.',
    { phase: 'before_send' },
  );
}

function particulars(
  { role, toolCalls = [], toolCallId = '', state }: ChatMessage,
  toolNames: ReadonlyMap<string, string>,
): JsonObject {
  const thinking = state?.data['thinking'];
  const toolName = toolNames.get(toolCallId);
  return {
    ...(role === 'assistant' && typeof thinking === 'string' ? { thinking } : {}),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(wireCall) }),
    ...(role === 'tool' ? { tool_call_id: toolCallId } : {}),
    ...(role === 'tool' && toolName !== undefined ? { tool_name: toolName } : {}),
  };
}

const wireCall = ({ id, name, arguments: written }: ToolCall, index: number): JsonObject => {
  const input = written.trim() === '' ? {} : parseJson(written);
  // What a model wrote wrongly is still what it wrote; an object is wanted.
  return { id, function: { index, name, arguments: isObject(input) ? input : { arguments: written } } };
};
