import { Describe, GatewayError, invalidRequest, IsOneOf, validateShape } from '@longhaul/contract';
import { JOB_KINDS, Submission } from '@longhaul/jobs';
import { IsObject, IsOptional } from 'class-validator';
import { IsMoment } from './field-rules';
import { RunFields, runRequestOf } from './run-fields.dto';

/** The body of `POST /v1/jobs`. `input` is checked by the job's type. */
export class CreateJobDto extends RunFields {
  @Describe('What kind of work it is; it decides what `input` holds.')
  @IsOneOf(JOB_KINDS.map(({ type }) => type))
  type!: string;

  @Describe('What the job works on; its form depends on `type`.')
  @IsObject({ message: 'must be an object.' })
  input!: object;

  @Describe('Not before this time: Unix seconds, or ISO 8601 with its offset.')
  @IsOptional()
  @IsMoment()
  run_at?: number | string | null;
}

/** Checks a body and puts it into the words of the jobs library. Throws with one fault per problem. */
export function readSubmission(body: unknown): Submission {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send a job as a JSON object.');
  }
  return submissionOf(readJob(CreateJobDto, body));
}

export const submissionOf = (dto: CreateJobDto): Submission => ({
  type: dto.type,
  input: dto.input,
  ...runRequestOf(dto),
});

/** A body of a job's shape, or of one that has more. Throws with one fault per problem. */
export function readJob<Dto extends CreateJobDto>(shape: new () => Dto, body: unknown): Dto {
  try {
    return validateShape(shape, body);
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
