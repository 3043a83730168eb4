import {
  ChatAnswer,
  ChatMessage,
  ChatRole,
  Describe,
  IsListOf,
  IsNumberBetween,
  IsOneOf,
  IsText,
  IsWholeNumber,
  toStorableText,
  validateShape,
} from '@longhaul/contract';
import { IsOptional } from 'class-validator';
import { refuseSilence } from './answer';
import { estimateTokens } from './estimate';
import { CallRequest, JobKind, KindResult } from './kind';

const ROLES: readonly ChatRole[] = ['system', 'user', 'assistant'];
export const MAX_MESSAGES = 10_000;
export const MAX_OUTPUT_TOKENS = 1_000_000;
const DEFAULT_OUTPUT_TOKENS = 4096;
/** Role and separators, which providers count for every message. */
const TOKENS_PER_MESSAGE = 8;

export class ChatMessageInput {
  @Describe('Who speaks.')
  @IsOneOf(ROLES)
  role!: ChatRole;

  @Describe('What is said.')
  @IsText({ but: 'a list of parts is not taken' })
  content!: string;
}

/** `input` of a chat job. */
export class ChatInput {
  @Describe('The conversation, oldest first.')
  @IsListOf(() => ChatMessageInput, { min: 1, max: MAX_MESSAGES })
  messages!: ChatMessageInput[];

  @Describe('Sent before the messages, with the role `system`.')
  @IsOptional()
  @IsText()
  system?: string | null;

  @Describe('The most tokens the answer may have; reasoning counts. Absent = the model’s own limit.')
  @IsOptional()
  @IsWholeNumber({ min: 1, max: MAX_OUTPUT_TOKENS })
  max_output_tokens?: number | null;

  @Describe('0 = the likeliest words, 2 = the wildest; absent = the provider’s default.')
  @IsOptional()
  @IsNumberBetween({ min: 0, max: 2 })
  temperature?: number | null;
}

export interface ChatOutput {
  readonly text: string;
  readonly message: { readonly role: 'assistant'; readonly content: string };
  readonly finish_reason: ChatAnswer['finishReason'];
  readonly reasoning?: string;
}

export const chatKind: JobKind<ChatInput> = {
  type: 'chat',
  description: 'Messages in, one answer out: the structured message and the flat text.',

  inputShape: ChatInput,
  parse: (input) => validateShape(ChatInput, input, { pointer: '/input' }),

  need(input) {
    const tokens = messagesOf(input).map(({ content }) => estimateTokens(content) + TOKENS_PER_MESSAGE);
    return {
      type: 'chat',
      inputTokens: tokens.reduce((sum, count) => sum + count, 0),
      outputTokens: input.max_output_tokens ?? DEFAULT_OUTPUT_TOKENS,
      capabilities: [],
    };
  },

  async run(input, context) {
    context.progress('waiting for the answer');
    const answer = await context.call(requestOf(input));
    refuseSilence(answer);
    return resultOf(answer);
  },
};

/** `null` and a missing field mean the same to callers. */
const isAbsent = <T>(value: T | null | undefined): value is null | undefined =>
  value === null || value === undefined;

const messagesOf = ({ system, messages }: ChatInput): (ChatMessage & { readonly content: string })[] => [
  ...(isAbsent(system) ? [] : [{ role: 'system' as const, content: system }]),
  ...messages.map(({ role, content }) => ({ role, content })),
];

// Without a budget of the caller none is sent: reasoning models need more than the estimate that routing uses.
const requestOf = (input: ChatInput): CallRequest => ({
  messages: messagesOf(input),
  ...(!isAbsent(input.max_output_tokens) && { maxOutputTokens: input.max_output_tokens }),
  ...(!isAbsent(input.temperature) && { temperature: input.temperature }),
});

function resultOf(answer: ChatAnswer): KindResult {
  const text = toStorableText(answer.text);
  const output: ChatOutput = {
    text,
    message: { role: 'assistant', content: text },
    finish_reason: answer.finishReason,
    ...(answer.reasoning !== null &&
      answer.reasoning !== '' && { reasoning: toStorableText(answer.reasoning) }),
  };
  switch (answer.finishReason) {
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
