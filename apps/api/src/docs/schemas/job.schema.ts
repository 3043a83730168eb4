import {
  INCOMPLETE_REASONS,
  JOB_PHASES,
  JOB_STATUSES,
  JsonSchema,
  JobView,
  StoredError,
} from '@longhaul/contract';
import { JobAnswer, JOB_KINDS } from '@longhaul/jobs';
import { ANY_OUTPUT } from './output.schema';
import {
  about,
  always,
  COST,
  COUNT,
  listOf,
  MOMENT,
  nullable,
  NUMBER,
  oneOf,
  ref,
  TEXT,
  viewOf,
} from './view';

const STORED_ERROR = viewOf<StoredError>({ code: about('See /docs/errors.', TEXT), message: TEXT });

const URLS = viewOf<JobView['urls']>({
  self: TEXT,
  cancel: TEXT,
  retry: TEXT,
  attempts: TEXT,
  events: TEXT,
  output: TEXT,
  report: about('Null for a type that has none.', nullable(TEXT)),
});

const TIMES = {
  created_at: MOMENT,
  started_at: about('When its first call was made.', nullable(MOMENT)),
  completed_at: about('When it ended, whichever way.', nullable(MOMENT)),
  ready_at: about('The earliest time at which it may run next; null when it has ended.', nullable(MOMENT)),
  deadline_at: about('When it fails unless it has ended before.', MOMENT),
};

const OUTCOME = {
  output: about('Only with `include=output`. Null while there is none.', ANY_OUTPUT),
  error: about('Why it failed.', nullable(STORED_ERROR)),
  incomplete_details: about(
    'What cut the answer short.',
    nullable(viewOf<NonNullable<JobView['incomplete_details']>>({ reason: oneOf(INCOMPLETE_REASONS) })),
  ),
  usage: nullable(ref('Usage')),
  cost_usd: about('Sum over all calls; null = unpriced, or no call was made; never free.', COST),
};

/** A job, with what `include` may add. */
export const JOB: JsonSchema = viewOf<JobAnswer>(
  {
    id: about('`job_` and 26 digits; ids sort by age.', TEXT),
    object: always('job'),
    type: oneOf(JOB_KINDS.map(({ type }) => type)),
    status: about('Goes forward only; the last four are final.', oneOf(JOB_STATUSES)),
    phase: about('Detail below the status; null when it has ended.', nullable(oneOf(JOB_PHASES))),
    ...TIMES,
    priority: { type: 'integer', minimum: 0, maximum: 9 },
    model: about('What was asked for.', TEXT),
    resolved: about(
      'What answered, or is trying to.',
      viewOf<JobView['resolved']>({ provider: TEXT, model: TEXT }),
    ),
    ...OUTCOME,
    attempts: about(
      'Calls so far, and how many there may be.',
      viewOf<JobView['attempts']>({ count: COUNT, max: COUNT }),
    ),
    progress: nullable(
      viewOf<NonNullable<JobView['progress']>>({
        percent: nullable(NUMBER),
        message: TEXT,
        tokens: about(
          'Of the answer so far: an estimate from its characters, until it is whole and the provider has counted.',
          nullable(COUNT),
        ),
        seconds_since_last_token: about('Null before the first token.', nullable(COUNT)),
      }),
    ),
    metadata: { type: 'object', additionalProperties: TEXT },
    retry_of: about('The job that this one repeats.', nullable(TEXT)),
    warnings: about(
      'Only in the answer that accepts the job: its model will not be served for long.',
      listOf(TEXT),
    ),
    urls: URLS,
    attempts_list: about('Only with `include=attempts`.', listOf(ref('Attempt'))),
    decision: about('Only with `include=decision`: why each model was chosen or refused.', ref('Decision')),
  },
  { optional: ['output', 'attempts_list', 'decision', 'warnings'] },
);
