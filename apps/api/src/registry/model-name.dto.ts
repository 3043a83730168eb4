import { Describe, GatewayError, validateShape } from '@longhaul/contract';
import { IsName } from '../jobs/field-rules';

/** The body of a request to load or unload a model. */
export class ModelNameDto {
  @Describe('The provider’s own id of the model, without the provider’s prefix.')
  @IsName()
  model!: string;
}

/** Checks a body. Throws with one fault per problem. */
export function readModelName(body: unknown): string {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send {"model":"…"} as JSON.');
  }
  return validateShape(ModelNameDto, body).model;
}
