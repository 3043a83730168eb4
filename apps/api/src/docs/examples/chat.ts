import { Completion } from '../../chat/completion';

export const COMPLETION: Completion = {
  id: 'chatcmpl-01jbz4kq7rnhpx5w2d8m9v3c6t',
  object: 'chat.completion',
  created: 1_767_225_600,
  model: 'sandbox/echo',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello! What can I do for you?', refusal: null },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage: {
    prompt_tokens: 12,
    completion_tokens: 9,
    total_tokens: 21,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
  job: {
    id: 'job_01jbz4kq7rnhpx5w2d8m9v3c6t',
    url: '/v1/jobs/job_01jbz4kq7rnhpx5w2d8m9v3c6t',
    status: 'completed',
    cost_usd: 0,
    attempts: { count: 1, max: 8 },
  },
};
