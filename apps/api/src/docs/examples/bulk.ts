import { BulkAnswer } from '../../jobs/bulk.controller';
import { QUEUED_JOB } from './jobs';

const REFUSED = 'The request was refused at /input/messages: it must be a list of 1 to 1000 objects.';

export const BULK_ANSWER: BulkAnswer = {
  object: 'list',
  data: [
    { object: 'job.outcome', index: 0, status: 202, job: QUEUED_JOB, error: null },
    {
      object: 'job.outcome',
      index: 1,
      status: 422,
      job: null,
      error: {
        type: '/docs/errors#invalid_request',
        title: 'Invalid request',
        status: 422,
        detail: REFUSED,
        instance: '/v1/jobs/bulk',
        code: 'invalid_request',
        request_id: '7d0e6a3c-3a55-4f0e-9a53-5a6f0c6f2b11',
        errors: [{ pointer: '/input/messages', detail: 'must be a list of 1 to 1000 objects.' }],
        error: {
          message: REFUSED,
          type: 'invalid_request_error',
          param: 'input.messages',
          code: 'invalid_request',
        },
      },
    },
  ],
  accepted: 1,
  replayed: 0,
  refused: 1,
};
