import { JsonSchema } from '@longhaul/contract';
import { BulkAnswer, OutcomeView } from '../../jobs/bulk.controller';
import { about, always, COUNT, listOf, nullable, ref, viewOf } from './view';

const OUTCOME = viewOf<OutcomeView>({
  object: always('job.outcome'),
  index: about('Its place in the list that was sent, from 0.', COUNT),
  status: about(
    'What `POST /v1/jobs` would have answered to this job: 202 = accepted, else the status of its `error`. 200 = the key is known, and this is the job of the first request.',
    { type: 'integer', minimum: 200, maximum: 599 },
  ),
  job: about('Null when it was refused.', nullable(ref('Job'))),
  error: about(
    'Null when it was accepted. Pointers in it start at this job; `candidates` are left out, `POST /v1/routes/explain` has them.',
    nullable(ref('Problem')),
  ),
});

export const BULK_OUTCOMES: JsonSchema = viewOf<BulkAnswer>(
  {
    object: always('list'),
    data: listOf(OUTCOME),
    accepted: about('New jobs.', COUNT),
    replayed: about('Jobs of earlier requests, or of earlier places in this list.', COUNT),
    refused: about('Those with an `error`.', COUNT),
  },
  { description: 'One outcome for each job that was sent, in their order.' },
);
