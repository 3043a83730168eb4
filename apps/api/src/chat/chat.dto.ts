import {
  Describe,
  Fault,
  GatewayError,
  invalidRequest,
  IsListOf,
  IsNumberBetween,
  IsText,
  IsWholeNumber,
  validateShape,
} from '@longhaul/contract';
import { ChatMessageInput, MAX_MESSAGES, MAX_OUTPUT_TOKENS, Submission } from '@longhaul/jobs';
import { IsBoolean, IsOptional } from 'class-validator';
import { RunFields, runRequestOf } from '../jobs/run-fields.dto';

/** The body of `POST /v1/chat`: the input of a chat job and how it is run, on one level, in the words of OpenAI. */
export class ChatDto extends RunFields {
  @Describe('The conversation, oldest first.')
  @IsListOf(() => ChatMessageInput, { min: 1, max: MAX_MESSAGES })
  messages!: ChatMessageInput[];

  @Describe('Sent before the messages, with the role `system`.')
  @IsOptional()
  @IsText()
  system?: string | null;

  @Describe('0 = the likeliest words, 2 = the wildest; absent = the provider’s default.')
  @IsOptional()
  @IsNumberBetween({ min: 0, max: 2 })
  temperature?: number | null;

  @Describe('The most tokens the answer may have; reasoning counts. Absent = the model’s own limit.')
  @IsOptional()
  @IsWholeNumber({ min: 1, max: MAX_OUTPUT_TOKENS })
  max_output_tokens?: number | null;

  @Describe('The same as `max_output_tokens`, under OpenAI’s older name.')
  @IsOptional()
  @IsWholeNumber({ min: 1, max: MAX_OUTPUT_TOKENS })
  max_tokens?: number | null;

  @Describe('The same as `max_output_tokens`, under OpenAI’s newer name.')
  @IsOptional()
  @IsWholeNumber({ min: 1, max: MAX_OUTPUT_TOKENS })
  max_completion_tokens?: number | null;

  @Describe('Only `false`: answers are not streamed.')
  @IsOptional()
  @IsBoolean()
  stream?: boolean | null;
}

const BUDGETS = ['max_output_tokens', 'max_tokens', 'max_completion_tokens'] as const;

/** Checks a body and makes a chat job of it. Throws with one fault per problem. */
export function readChat(body: unknown): Submission {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send a chat as a JSON object.');
  }
  const dto = validateShape(ChatDto, body);
  const stated = BUDGETS.filter((name) => typeof dto[name] === 'number');
  const budgets = new Set(stated.map((name) => dto[name]));
  const faults = [...streamFaults(dto), ...(budgets.size > 1 ? budgetFaults(stated) : [])];
  if (faults.length > 0) throw invalidRequest(faults);
  const { messages, system, temperature } = dto;
  const [budget] = budgets;
  return {
    type: 'chat',
    input: { messages, system, temperature, max_output_tokens: budget },
    ...runRequestOf(dto),
  };
}

const streamFaults = ({ stream }: ChatDto): Fault[] =>
  stream !== true
    ? []
    : [
        {
          pointer: '/stream',
          detail:
            'must be false or absent: answers are not streamed. Wait for the whole answer, or submit a job and read it with GET /v1/jobs/{id}?wait=55.',
        },
      ];

const budgetFaults = (names: readonly string[]): Fault[] => [
  {
    pointer: `/${names.at(-1) ?? ''}`,
    detail: `contradicts another name of the same limit; of ${names.join(', ')} give one, or all alike.`,
  },
];
