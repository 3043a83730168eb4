import { CandidateView, ERRORS, Fault, JsonSchema } from '@longhaul/contract';
import { about, listOf, nullable, oneOf, ref, TEXT, viewOf } from './view';

/** The members that `problemOf` writes; the last ones are extras of single codes. */
interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: readonly Fault[];
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
  readonly near_matches?: readonly string[];
  readonly successor?: string | null;
  readonly job_id?: string;
  readonly candidates?: readonly CandidateView[];
  readonly faults?: readonly string[];
}

const CODE = oneOf(Object.keys(ERRORS));

export const PROBLEM: JsonSchema = viewOf<ProblemDocument>(
  {
    type: about('Where the code is explained.', { type: 'string', pattern: '^/docs/errors#' }),
    title: about('The code in words.', TEXT),
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: about('What happened, to whom, and what to do next.', TEXT),
    instance: about('Path of the request.', TEXT),
    code: CODE,
    request_id: about('The same as in the header `x-request-id`; the log has it too.', TEXT),
    errors: about(
      'Each fault of the body, with a JSON pointer to it.',
      listOf(viewOf<Fault>({ pointer: TEXT, detail: TEXT })),
    ),
    error: about(
      'The same in the form that OpenAI clients read.',
      viewOf<ProblemDocument['error']>({
        message: TEXT,
        type: oneOf([
          'invalid_request_error',
          'authentication_error',
          'permission_error',
          'rate_limit_error',
          'server_error',
          'upstream_error',
        ]),
        param: nullable(TEXT),
        code: CODE,
      }),
    ),
    near_matches: about('With `model_not_found`: models whose names come close.', listOf(TEXT)),
    successor: about('With `model_not_found`: what took the place of a retired model.', nullable(TEXT)),
    job_id: about('The job that the answer speaks of.', TEXT),
    candidates: about(
      'With `no_route` and `provider_not_configured`: every model that was looked at, and why not.',
      listOf(ref('Candidate')),
    ),
    faults: about('With `config_rejected`: each fault with its place and the fix.', listOf(TEXT)),
  },
  {
    optional: ['errors', 'near_matches', 'successor', 'job_id', 'candidates', 'faults'],
    description: 'An error as RFC 9457 writes it.',
  },
);
