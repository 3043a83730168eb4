import { Describe, validateShape } from '@longhaul/contract';
import { RunRequest } from '@longhaul/jobs';
import { IsOptional } from 'class-validator';
import { IsMoment } from './field-rules';
import { RunFields, runRequestOf } from './run-fields.dto';

/** The body of `POST /v1/jobs/{id}/retry`: what is to be otherwise. What is absent stays as it was. */
export class RetryJobDto extends RunFields {
  @Describe('Not before this time: Unix seconds, or ISO 8601 with its offset. Absent = at once.')
  @IsOptional()
  @IsMoment()
  run_at?: number | string | null;
}

/** Checks a body; none at all changes nothing. Throws with one fault per problem. */
export const readRetry = (body: unknown): RunRequest => runRequestOf(validateShape(RetryJobDto, body ?? {}));
