import { Describe, GatewayError, IsShape } from '@longhaul/contract';
import { Submission } from '@longhaul/jobs';
import { Assumptions } from '@longhaul/registry';
import { IsOptional } from 'class-validator';
import { CreateJobDto, readJob, submissionOf } from '../jobs/create-job.dto';
import { IsNameList } from '../jobs/field-rules';

const MAX_ASSUMED = 20;

/** `assume`: what would happen if. */
export class AssumeDto {
  @Describe('Providers, or `<provider>/<model>`, that are taken to be ill.')
  @IsOptional()
  @IsNameList({ max: MAX_ASSUMED })
  open_circuits?: string[] | null;

  @Describe('Providers that are taken to have no key.')
  @IsOptional()
  @IsNameList({ max: MAX_ASSUMED })
  missing_keys?: string[] | null;
}

/** The body of `POST /v1/routes/explain`: a job, and what is to be assumed. */
export class ExplainDto extends CreateJobDto {
  @Describe('What would happen if.')
  @IsOptional()
  @IsShape(() => AssumeDto)
  assume?: AssumeDto | null;
}

/** Checks a body. Throws with one fault per problem. */
export function readQuestion(body: unknown): { submission: Submission; assumed: Assumptions } {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send a job as a JSON object.');
  }
  const dto = readJob(ExplainDto, body);
  return {
    submission: submissionOf(dto),
    assumed: {
      openCircuits: dto.assume?.open_circuits ?? [],
      missingKeys: dto.assume?.missing_keys ?? [],
    },
  };
}
