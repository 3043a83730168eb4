import { Describe, IsEither, IsListOf, IsOneOf, IsShape, IsText } from '@longhaul/contract';
import { IsOptional } from 'class-validator';
import { ANY_TEXT, IsImageUrl, IsJsonObject } from './field-rules';
import { JsonBounds } from './json-value';

export const CHAT_ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;
export const MAX_MESSAGES = 10_000;
export const MAX_PARTS = 10_000;
const PART_TYPES = ['text', 'image_url'] as const;
/** More than any provider gives in one answer. */
const MAX_CALLS = 1000;
const MAX_ID = 512;
const MAX_CALLED_NAME = 256;
/** Signed thoughts of a long answer are some hundred thousand characters. */
export const STATE_BOUNDS: JsonBounds = { maxDepth: 50, maxCharacters: 4_000_000 };

export class ImageUrlInput {
  @Describe(
    'Where the provider fetches the image (`https:`, `http:`), or the image itself: `data:image/png;base64,…`.',
  )
  @IsImageUrl()
  url!: string;

  @Describe(
    'How closely the model looks. Left out where its provider has no word for it; the attempt says so.',
  )
  @IsOptional()
  @IsOneOf(['auto', 'low', 'high'])
  detail?: 'auto' | 'low' | 'high' | null;
}

export class ContentPartInput {
  @Describe('What the part holds: `text`, or an image of a user message.')
  @IsOneOf(PART_TYPES)
  type!: (typeof PART_TYPES)[number];

  @Describe('Of a part of the type `text`.')
  @IsOptional()
  @IsText()
  text?: string | null;

  @Describe('Of a part of the type `image_url`.')
  @IsOptional()
  @IsShape(() => ImageUrlInput)
  image_url?: ImageUrlInput | null;
}

export class CalledFunctionInput {
  @Describe('The tool that the model named.')
  @IsText({ max: MAX_CALLED_NAME })
  name!: string;

  @Describe('JSON text as the model wrote it.')
  @IsText({ min: 0 })
  arguments!: string;
}

export class ToolCallInput {
  @Describe('What the answer to the call names in `tool_call_id`.')
  @IsText({ max: MAX_ID })
  id!: string;

  @Describe('Always `function`.')
  @IsOneOf(['function'])
  type!: 'function';

  @Describe('What the model asked to have done.')
  @IsShape(() => CalledFunctionInput)
  function!: CalledFunctionInput;
}

export class ProviderStateInput {
  @Describe('Who gave it. It is sent to nobody else.')
  @IsText({ max: 64 })
  provider!: string;

  @Describe('Opaque.')
  @IsJsonObject(STATE_BOUNDS)
  data!: Readonly<Record<string, unknown>>;
}

/** A message in OpenAI's form. Who may say what is checked in faults.ts. */
export class ChatMessageInput {
  @Describe('Who speaks. `developer` is another word for `system`.')
  @IsOneOf(CHAT_ROLES)
  role!: (typeof CHAT_ROLES)[number];

  @Describe(
    'What is said: text, or a list of parts. May be `null` or empty in an assistant message with `tool_calls`, and empty in a tool message.',
  )
  @IsOptional()
  @IsEither({
    plain: ANY_TEXT,
    shape: () => ContentPartInput,
    list: { min: 1, max: MAX_PARTS },
    expected: `must be text without NUL and without unpaired surrogates, or a list of 1 to ${String(MAX_PARTS)} parts.`,
  })
  content?: string | ContentPartInput[] | null;

  @Describe('Of an assistant message: what it asked to have done, as the output gave it.')
  @IsOptional()
  @IsListOf(() => ToolCallInput, { min: 0, max: MAX_CALLS })
  tool_calls?: ToolCallInput[] | null;

  @Describe(
    'Of a tool message, where it is required: the call of an earlier assistant message that it answers.',
  )
  @IsOptional()
  @IsText({ max: MAX_ID })
  tool_call_id?: string | null;

  @Describe(
    'Of an assistant message: what its provider wants back with it, as the output gave it. Left out of calls to other providers.',
  )
  @IsOptional()
  @IsShape(() => ProviderStateInput)
  state?: ProviderStateInput | null;

  @Describe('Of an assistant message, as an answer of `/v1/chat` carries it. Not sent on.')
  @IsOptional()
  @IsText({ min: 0 })
  refusal?: string | null;

  @Describe(
    'Of an assistant message, as an answer of `/v1/chat` carries it. Not sent on; `state` holds what a provider wants back.',
  )
  @IsOptional()
  @IsText({ min: 0 })
  reasoning_content?: string | null;
}
