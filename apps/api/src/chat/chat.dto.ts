import {
  Describe,
  Fault,
  fieldNamesOf,
  GatewayError,
  invalidRequest,
  IsWholeNumber,
  joinedShape,
  validateShape,
} from '@longhaul/contract';
import { chatFaults, ChatInput, MAX_OUTPUT_TOKENS, refuseTooMany, Submission } from '@longhaul/jobs';
import { IsBoolean, IsOptional } from 'class-validator';
import { RunFields, runRequestOf } from '../jobs/run-fields.dto';

/** What OpenAI's clients send beside the input of a chat job. */
class ClientFields {
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

/** The body of `POST /v1/chat`: the input of a chat job and how it is run, on one level, in the words of OpenAI. */
export class ChatDto extends joinedShape(joinedShape(ChatInput, ClientFields), RunFields) {}

const INPUT_FIELDS = fieldNamesOf(ChatInput);
const BUDGETS = ['max_output_tokens', 'max_tokens', 'max_completion_tokens'] as const;

/** Checks a body and makes a chat job of it. Throws with one fault per problem. */
export function readChat(body: unknown): Submission {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send a chat as a JSON object.');
  }
  refuseTooMany(body, '');
  const dto = validateShape(ChatDto, body);
  const stated = BUDGETS.filter((name) => typeof dto[name] === 'number');
  const budgets = new Set(stated.map((name) => dto[name]));
  const faults = [
    ...streamFaults(dto),
    ...(budgets.size > 1 ? budgetFaults(stated) : []),
    ...chatFaults(dto, ''),
  ];
  if (faults.length > 0) throw invalidRequest(faults);
  const [budget] = budgets;
  return {
    type: 'chat',
    input: { ...inputOf(dto), ...(budget === undefined ? {} : { max_output_tokens: budget }) },
    ...runRequestOf(dto),
  };
}

/** The fields that a chat job has, out of those of the body. */
const inputOf = (dto: ChatDto): object =>
  Object.fromEntries(Object.entries(dto).filter(([name]) => INPUT_FIELDS.includes(name)));

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
