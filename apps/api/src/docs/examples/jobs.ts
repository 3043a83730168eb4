import { AttemptView } from '@longhaul/records';
import { AuditOutput, ChatOutput, EventList, JobAnswer, JobPage } from '@longhaul/jobs';

const ID = 'job_01jbz4kq7rnhpx5w2d8m9v3c6t';
const NEXT_ID = 'job_01jbz4m0a1n7c2qk9e5h8r4w3x';
const AT = 1_767_225_600; // 2026-01-01

export const CHAT_OUTPUT: ChatOutput = {
  text: 'Hello! What can I do for you?',
  message: { role: 'assistant', content: 'Hello! What can I do for you?' },
  finish_reason: 'stop',
};

export const AUDIT_OUTPUT: AuditOutput = {
  findings: [
    {
      id: 'f1',
      title: 'An error is swallowed',
      severity: 'high',
      file: 'pay.js',
      start_line: 3,
      end_line: 3,
      quote: '} catch (error) {}',
      explanation: 'A failed charge leaves no trace, and the order goes on as if it were paid.',
      grounding: 'exact',
      claimed_line: 3,
    },
  ],
  withheld: [],
  note: null,
  coverage: { files: 1, lines: 4, complete: true },
  quality: { claimed: 1, grounded: 1, withheld: 0, unreadable: 0 },
};

const urlsOf = (id: string): JobAnswer['urls'] => ({
  self: `/v1/jobs/${id}`,
  cancel: `/v1/jobs/${id}/cancel`,
  retry: `/v1/jobs/${id}/retry`,
  attempts: `/v1/jobs/${id}/attempts`,
  events: `/v1/jobs/${id}/events`,
  output: `/v1/jobs/${id}/output`,
  report: null,
});

export const QUEUED_JOB: JobAnswer = {
  id: ID,
  object: 'job',
  type: 'chat',
  status: 'queued',
  phase: 'waiting',
  created_at: AT,
  started_at: null,
  completed_at: null,
  ready_at: AT,
  deadline_at: AT + 3600,
  priority: 5,
  model: 'sandbox/echo',
  resolved: { provider: 'sandbox', model: 'echo' },
  error: null,
  incomplete_details: null,
  usage: null,
  cost_usd: null,
  attempts: { count: 0, max: 8 },
  progress: null,
  metadata: {},
  retry_of: null,
  urls: urlsOf(ID),
};

const USAGE = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 21,
};

/** An ended job as a list shows it. */
const LISTED_JOB: JobAnswer = {
  ...QUEUED_JOB,
  status: 'completed',
  phase: null,
  started_at: AT,
  completed_at: AT + 2,
  ready_at: null,
  usage: USAGE,
  cost_usd: 0,
  attempts: { count: 1, max: 8 },
};

export const ENDED_JOB: JobAnswer = { ...LISTED_JOB, output: CHAT_OUTPUT };

export const JOB_PAGE: JobPage = {
  object: 'list',
  data: [LISTED_JOB],
  first_id: ID,
  last_id: ID,
  has_more: false,
};

export const CANCELLED_JOB: JobAnswer = {
  ...QUEUED_JOB,
  status: 'cancelled',
  phase: null,
  completed_at: AT + 1,
  ready_at: null,
  error: { code: 'cancelled', message: 'The caller cancelled the job.' },
};

export const RETRIED_JOB: JobAnswer = {
  ...QUEUED_JOB,
  id: NEXT_ID,
  retry_of: ID,
  urls: urlsOf(NEXT_ID),
};

export const ATTEMPT: AttemptView = {
  id: 'att_01jbz4kq7rnhpx5w2d8m9v3c6t_1',
  object: 'attempt',
  number: 1,
  lane: 'sandbox',
  ring: 1,
  provider: 'sandbox',
  model: 'echo',
  worker: 'worker-4711',
  status: 'succeeded',
  error: null,
  phase: null,
  upstream_status: 200,
  upstream_request_id: null,
  started_at: AT + 0.125,
  ended_at: AT + 2.25,
  first_token_ms: 40,
  adjustments: [],
  call: 'answered',
  usage: USAGE,
  cost_usd: 0,
};

const EVENT = { object: 'job.event', job_id: ID, provider: 'sandbox', model: 'echo', code: null } as const;

export const EVENT_LIST: EventList = {
  object: 'list',
  data: [
    {
      ...EVENT,
      ...{ seq: 0, type: 'job.queued', created_at: AT + 0.1, status: 'queued', phase: 'waiting', attempt: 0 },
    },
    {
      ...EVENT,
      ...{ seq: 1, type: 'job.attempt.started', created_at: AT + 0.125, status: 'in_progress' },
      ...{ phase: 'running', attempt: 1 },
    },
    {
      ...EVENT,
      ...{
        seq: 2,
        type: 'job.completed',
        created_at: AT + 2.25,
        status: 'completed',
        phase: null,
        attempt: 1,
      },
    },
  ],
  has_more: false,
};

export const REPORT = `# Audit report

**1 finding** in 1 file, 4 lines: 1 high.
`;
