import {
  Describe,
  invalidRequest,
  IsListOf,
  IsNumberBetween,
  IsOneOf,
  IsShape,
  IsText,
  IsWholeNumber,
  REASONING_EFFORTS,
  validateShape,
} from '@longhaul/contract';
import { IsOptional } from 'class-validator';
import { refuseTooMany } from './counts';
import { chatFaults } from './faults';
import { IsStop } from './field-rules';
import { ChatMessageInput, MAX_MESSAGES } from './messages';
import { IsToolChoice, MAX_TOOLS, ResponseFormatInput, ToolChoiceInput, ToolInput } from './tools';

export const MAX_OUTPUT_TOKENS = 1_000_000;
/** OpenAI's word for as hard as it can; other providers and we say `max`. */
const EFFORT_WORDS = [...REASONING_EFFORTS, 'xhigh'] as const;

/** `input` of a chat job. */
export class ChatInput {
  @Describe('The conversation, oldest first, in OpenAI’s form.')
  @IsListOf(() => ChatMessageInput, { min: 1, max: MAX_MESSAGES })
  messages!: ChatMessageInput[];

  @Describe('Sent before the messages, with the role `system`.')
  @IsOptional()
  @IsText()
  system?: string | null;

  @Describe(
    'The most tokens the answer may have; reasoning counts. Absent = 4096. Raised for a model that needs more, cut for one that gives less; the attempt says so.',
  )
  @IsOptional()
  @IsWholeNumber({ min: 1, max: MAX_OUTPUT_TOKENS })
  max_output_tokens?: number | null;

  @Describe('0 = the likeliest words, 2 = the wildest; absent = the provider’s default.')
  @IsOptional()
  @IsNumberBetween({ min: 0, max: 2 })
  temperature?: number | null;

  @Describe('Only the likeliest words that make up this share; absent = the provider’s default.')
  @IsOptional()
  @IsNumberBetween({ min: 0, max: 1 })
  top_p?: number | null;

  @Describe('The answer ends before it would say this.')
  @IsOptional()
  @IsStop()
  stop?: string | string[] | null;

  @Describe('What the model may ask to have done; its answer then carries `tool_calls`.')
  @IsOptional()
  @IsListOf(() => ToolInput, { min: 0, max: MAX_TOOLS })
  tools?: ToolInput[] | null;

  @Describe(
    'Whether the model has to call a tool: `auto`, `none`, `required`, or the one that is named. Left out where the model does not take it; the attempt says so.',
  )
  @IsOptional()
  @IsToolChoice()
  tool_choice?: ToolChoiceInput | null;

  @Describe('What form the text of the answer has.')
  @IsOptional()
  @IsShape(() => ResponseFormatInput)
  response_format?: ResponseFormatInput | null;

  @Describe(
    'How hard the model thinks before it answers; `xhigh` is another word for `max`. The nearest that the model takes is sent.',
  )
  @IsOptional()
  @IsOneOf(EFFORT_WORDS)
  reasoning_effort?: (typeof EFFORT_WORDS)[number] | null;
}

export function parseChatInput(value: unknown): ChatInput {
  const pointer = '/input';
  refuseTooMany(value, pointer);
  const input = validateShape(ChatInput, value, { pointer });
  const faults = chatFaults(input, pointer);
  if (faults.length > 0) throw invalidRequest(faults);
  return input;
}
