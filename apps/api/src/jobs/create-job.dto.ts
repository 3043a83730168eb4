import { IsBoolean, IsObject, IsOptional } from 'class-validator';
import {
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
  @IsOptional()
  @IsBoolean()
  fallback_on_refusal?: boolean;
}

/** The body of `POST /v1/jobs`. A null stands for an absent field. `input` is checked by the job's type. */
export class CreateJobDto {
  @IsText({ max: 64 })
  type!: string;

  @IsOptional()
  @IsName()
  model?: string | null;

  @IsOptional()
  @IsName()
  provider?: string | null;

  /** Absent = the policy's chain; empty = none. */
  @IsOptional()
  @IsNameList({ max: MAX_FALLBACKS })
  fallbacks?: string[] | null;

  @IsObject({ message: 'must be an object.' })
  input!: object;

  @IsOptional()
  @IsShape(() => RoutingDto)
  routing?: RoutingDto | null;

  @IsOptional()
  @IsWholeNumber({ min: 0, max: 9 })
  priority?: number | null;

  @IsOptional()
  @IsNumberBetween({ min: 1, max: DAY_S })
  deadline_s?: number | null;

  @IsOptional()
  @IsNumberBetween({ min: 0.001, max: DAY_S })
  timeout_s?: number | null;

  /** Unix seconds, or ISO 8601 with its offset. */
  @IsOptional()
  @IsMoment()
  run_at?: number | string | null;

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
