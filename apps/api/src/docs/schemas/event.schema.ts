import { JOB_PHASES, JOB_STATUSES, JsonSchema } from '@longhaul/contract';
import { EVENT_TYPES, JobEventView } from '@longhaul/jobs';
import { about, always, COUNT, EXACT_MOMENT, nullable, oneOf, TEXT, viewOf } from './view';

export const JOB_EVENT: JsonSchema = viewOf<JobEventView>(
  {
    object: always('job.event'),
    seq: about('Counts from 0 in each job.', COUNT),
    type: oneOf([...EVENT_TYPES, 'job.moved']),
    job_id: TEXT,
    created_at: EXACT_MOMENT,
    status: oneOf(JOB_STATUSES),
    phase: nullable(oneOf(JOB_PHASES)),
    attempt: about('Calls so far.', COUNT),
    provider: TEXT,
    model: TEXT,
    code: about('Why: of the job’s ending, or of the attempt that ended here.', nullable(TEXT)),
  },
  { description: 'One transition of a job.' },
);
