import { Describe, IsEither, IsOneOf, IsShape, IsText } from '@longhaul/contract';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsFunctionName, IsJsonObject, oneOfWords } from './field-rules';
import { JsonBounds } from './json-value';

/** OpenAI's limit. */
export const MAX_TOOLS = 128;
export const TOOL_CHOICE_WORDS = ['auto', 'none', 'required'] as const;
export const RESPONSE_FORMATS = ['text', 'json_object', 'json_schema'] as const;
const MAX_DESCRIPTION = 100_000;
const SCHEMA_BOUNDS: JsonBounds = { maxDepth: 50, maxCharacters: 500_000 };

export class FunctionInput {
  @Describe('Unique among the tools.')
  @IsFunctionName()
  name!: string;

  @Describe('What it does, for the model.')
  @IsOptional()
  @IsText({ min: 0, max: MAX_DESCRIPTION })
  description?: string | null;

  @Describe('A JSON schema of the type `object`; absent = no arguments.')
  @IsOptional()
  @IsJsonObject(SCHEMA_BOUNDS)
  parameters?: Readonly<Record<string, unknown>> | null;

  @Describe('Whether the arguments keep to the schema to the letter, where the provider can promise it.')
  @IsOptional()
  @IsBoolean()
  strict?: boolean | null;
}

export class ToolInput {
  @Describe('Always `function`.')
  @IsOneOf(['function'])
  type!: 'function';

  @Describe('What the model may ask to have done.')
  @IsShape(() => FunctionInput)
  function!: FunctionInput;
}

export class NamedFunctionInput {
  @Describe('One of the tools.')
  @IsFunctionName()
  name!: string;
}

export class NamedToolInput {
  @Describe('Always `function`.')
  @IsOneOf(['function'])
  type!: 'function';

  @Describe('The tool that the model has to call.')
  @IsShape(() => NamedFunctionInput)
  function!: NamedFunctionInput;
}

export type ToolChoiceInput = (typeof TOOL_CHOICE_WORDS)[number] | NamedToolInput;

export const IsToolChoice = (): PropertyDecorator =>
  IsEither({
    plain: oneOfWords(TOOL_CHOICE_WORDS),
    shape: () => NamedToolInput,
    expected: `must be one of ${TOOL_CHOICE_WORDS.join(', ')}, or an object that names a tool.`,
  });

export class JsonSchemaInput {
  @Describe('A name for the schema.')
  @IsFunctionName()
  name!: string;

  @Describe('The JSON schema of the answer.')
  @IsJsonObject(SCHEMA_BOUNDS)
  schema!: Readonly<Record<string, unknown>>;

  @Describe('Whether the answer keeps to it to the letter, where the provider can promise it.')
  @IsOptional()
  @IsBoolean()
  strict?: boolean | null;
}

export class ResponseFormatInput {
  @Describe(
    '`json_object`: any JSON; `json_schema`: JSON of a schema. A model that cannot promise it is not chosen.',
  )
  @IsOneOf(RESPONSE_FORMATS)
  type!: (typeof RESPONSE_FORMATS)[number];

  @Describe('Of the type `json_schema`, where it is required.')
  @IsOptional()
  @IsShape(() => JsonSchemaInput)
  json_schema?: JsonSchemaInput | null;
}
