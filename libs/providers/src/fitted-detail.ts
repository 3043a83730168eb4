import { ChatMessage, ContentPart } from '@longhaul/contract';
import { FittedMessages } from './fitted-messages';

const hasDetail = (part: ContentPart): boolean => part.type === 'image' && part.detail !== undefined;

const withoutDetail = (part: ContentPart): ContentPart =>
  part.type === 'image' ? { type: 'image', image: part.image } : part;

/** The messages for a protocol that has no word for how closely a model looks; `auto` is what it does anyway. Pure. */
export function fittedDetail(messages: readonly ChatMessage[]): FittedMessages {
  const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  if (!parts.some(hasDetail)) return { messages, notes: [] };
  const isMissed = parts.some((part) => part.type === 'image' && (part.detail ?? 'auto') !== 'auto');
  return {
    messages: messages.map((message) =>
      typeof message.content === 'string'
        ? message
        : { ...message, content: message.content.map(withoutDetail) },
    ),
    notes: isMissed
      ? ['The detail of images was left out: this provider decides itself how closely the model looks.']
      : [],
  };
}
