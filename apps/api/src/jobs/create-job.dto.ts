import { IsBoolean, IsObject, IsOptional } from 'class-validator';
import {
  Describe,
  GatewayError,
  invalidRequest,
  IsNumberBetween,
  IsShape,
  IsText,
  IsWholeNumber,
  validateShape,
} from '@longhaul/contract';
import { JOB_KINDS, Submission } from '@longhaul/jobs';
import { dateOf, IsMetadata, IsMoment, IsName, IsNameList } from './create-job.rules';

/** One less than the hard limit of nine rungs: the first is the model itself. */
const MAX_FALLBACKS = 8;
const DAY_S = 86_400;

export class RoutingDto {
  @Describe('Ask the next model also when one refuses the content.')
  @IsOptional()
  @IsBoolean()
  fallback_on_refusal?: boolean;
}

/** The body of `POST /v1/jobs`. A null stands for an absent field. `input` is checked by the job's type. */
export class CreateJobDto {
  @Describe('What kind of work it is; it decides what `input` holds.')
  @IsText({ max: 64 })
  type!: string;

  @Describe(
    'A model string: `auto` (what is meant when it is absent), `<provider>/<model>`, or a name out of the catalogue.',
  )
  @IsOptional()
  @IsName()
  model?: string | null;

  @Describe('Only models of this provider.')
  @IsOptional()
  @IsName()
  provider?: string | null;

  @Describe('Model strings to try after the first, in order. Absent = the configured order; `[]` = none.')
  @IsOptional()
  @IsNameList({ max: MAX_FALLBACKS })
  fallbacks?: string[] | null;

  @Describe('What the job works on; its form depends on `type`.')
  @IsObject({ message: 'must be an object.' })
  input!: object;

  @Describe('How models are chosen beyond the first.')
  @IsOptional()
  @IsShape(() => RoutingDto)
  routing?: RoutingDto | null;

  @Describe('Higher runs sooner; 5 when absent.')
  @IsOptional()
  @IsWholeNumber({ min: 0, max: 9 })
  priority?: number | null;

  @Describe(
    'Seconds from `run_at`, or from now, after which the job fails: 3600 for a chat, 7200 for an audit, unless the operator chose otherwise.',
  )
  @IsOptional()
  @IsNumberBetween({ min: 1, max: DAY_S })
  deadline_s?: number | null;

  @Describe('Seconds that one upstream call may take; never longer than the provider’s own clock.')
  @IsOptional()
  @IsNumberBetween({ min: 0.001, max: DAY_S })
  timeout_s?: number | null;

  @Describe('Not before this time: Unix seconds, or ISO 8601 with its offset.')
  @IsOptional()
  @IsMoment()
  run_at?: number | string | null;

  @Describe('Pairs of text that are handed back with the job, and that a list can be filtered by.')
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string> | null;
}

/** Checks a body and puts it into the words of the jobs library. Throws with one fault per problem. */
export function readSubmission(body: unknown): Submission {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send a job as a JSON object.');
  }
  const dto = shapeOf(body);
  return {
    type: dto.type,
    input: dto.input,
    ...present('model', dto.model),
    ...present('provider', dto.provider),
    ...present('fallbacks', dto.fallbacks),
    ...present('priority', dto.priority),
    ...present('deadlineSeconds', dto.deadline_s),
    ...present('timeoutSeconds', dto.timeout_s),
    ...present('runAt', dto.run_at === undefined || dto.run_at === null ? null : dateOf(dto.run_at)),
    ...present('metadata', dto.metadata),
    ...present('fallbackOnRefusal', dto.routing?.fallback_on_refusal),
  };
}

function shapeOf(body: unknown): CreateJobDto {
  try {
    return validateShape(CreateJobDto, body);
  } catch (error) {
    throw withFaultsOfInput(GatewayError.from(error), body);
  }
}

/** The faults of `input` too, so that one answer names everything there is to mend. */
function withFaultsOfInput(error: GatewayError, body: unknown): GatewayError {
  const { type, input } = Object(body) as { readonly type?: unknown; readonly input?: unknown };
  const kind = JOB_KINDS.find((known) => known.type === type);
  if (kind === undefined || typeof input !== 'object' || input === null || Array.isArray(input)) return error;
  try {
    kind.parse(input);
    return error;
  } catch (inner) {
    const more = GatewayError.from(inner).detail.faults ?? [];
    return invalidRequest([...(error.detail.faults ?? []), ...more]);
  }
}

const present = <Name extends keyof Submission>(
  name: Name,
  value: Submission[Name] | null,
): Partial<Pick<Submission, Name>> =>
  value === undefined || value === null ? {} : ({ [name]: value } as Pick<Submission, Name>);
