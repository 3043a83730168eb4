import { ChatMessage, ContentPart, GatewayError } from '@longhaul/contract';

export interface FittedMessages {
  readonly messages: readonly ChatMessage[];
  readonly notes: readonly string[];
}

const isBlank = (text: string): boolean => text.trim() === '';

const isBlankPart = (part: ContentPart): boolean => part.type === 'text' && isBlank(part.text);

/** An upstream refuses a message that says nothing. A tool's empty result is an answer, and every call needs one. */
const saysNothing = ({ role, content, toolCalls = [] }: ChatMessage): boolean =>
  role !== 'tool' &&
  toolCalls.length === 0 &&
  (typeof content === 'string' ? isBlank(content) : content.every(isBlankPart));

/** An empty part beside others is refused too (Anthropic, Moonshot), and nothing is lost with it. */
function withoutBlankParts(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === 'string' || !content.some(isBlankPart)) return message;
  const kept = content.filter((part) => !isBlankPart(part));
  return { ...message, content: kept.length === 0 ? '' : kept };
}

const refused = (what: string, next: string): GatewayError =>
  new GatewayError('rejected_request', `Nothing was sent: ${what}. ${next}.`, { phase: 'before_send' });

/** No protocol can say the result of a call that nobody made, and to leave it out would change the conversation. */
function refuseOrphans(messages: readonly ChatMessage[]): void {
  const made = new Set<string>();
  for (const { role, toolCalls = [], toolCallId } of messages) {
    for (const { id } of toolCalls) made.add(id);
    if (role === 'tool' && (toolCallId === undefined || !made.has(toolCallId)))
      throw refused(
        'a message is the result of a tool call that no message before it makes',
        "Send the assistant's message with that call as well, or leave the result out",
      );
  }
}

/**
 * The messages that say something, and a sentence for those that do not and are left out. Pure.
 * @throws GatewayError rejected_request when none is left, or when a tool's result belongs to no call
 */
export function fittedMessages(messages: readonly ChatMessage[]): FittedMessages {
  const kept = messages.filter((message) => !saysNothing(message));
  const dropped = messages.length - kept.length;
  if (dropped > 0 && kept.length === 0)
    throw refused('every message of the request is empty', 'Send at least one that says something');
  refuseOrphans(kept);
  return {
    messages: kept.map(withoutBlankParts),
    notes:
      dropped === 0 ? [] : [`${String(dropped)} empty message${dropped === 1 ? ' was' : 's were'} left out.`],
  };
}
