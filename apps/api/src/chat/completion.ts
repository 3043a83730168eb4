import { GatewayError, isErrorCode, JobView, nameOf } from '@longhaul/contract';
import { ChatOutput, MessageOutput } from '@longhaul/jobs';

/** An ended chat job as OpenAI's clients read a chat completion, and what Longhaul knows of it beside that. */
export interface Completion {
  readonly id: string;
  readonly object: 'chat.completion';
  /** Unix seconds. */
  readonly created: number;
  /** What answered: `<provider>/<model>`. */
  readonly model: string;
  readonly choices: readonly [Choice];
  /** Null when the provider told none. */
  readonly usage: CompletionUsage | null;
  readonly job: Pick<JobView, 'id' | 'status' | 'cost_usd' | 'attempts'> & { readonly url: string };
}

interface Choice {
  readonly index: 0;
  /** May be sent back as it is; `state` and `reasoning_content` are not OpenAI's. */
  readonly message: MessageOutput & { readonly refusal: null; readonly reasoning_content?: string };
  readonly finish_reason: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  readonly logprobs: null;
}

interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

/** The completion of a chat job that ended `completed` or `incomplete`. */
export function completionOf(job: JobView, { message, finish_reason, reasoning }: ChatOutput): Completion {
  return {
    id: `chatcmpl-${job.id.replace(/^job_/, '')}`,
    object: 'chat.completion',
    created: job.created_at,
    model: nameOf(job.resolved),
    choices: [
      {
        index: 0,
        message: {
          ...message,
          refusal: null,
          ...(reasoning !== undefined && { reasoning_content: reasoning }),
        },
        finish_reason: openAiReason(finish_reason),
        logprobs: null,
      },
    ],
    usage: usageOf(job),
    job: {
      id: job.id,
      url: job.urls.self,
      status: job.status,
      cost_usd: job.cost_usd,
      attempts: job.attempts,
    },
  };
}

/** OpenAI knows no `unknown`. */
function openAiReason(reason: ChatOutput['finish_reason']): Choice['finish_reason'] {
  switch (reason) {
    case 'length':
    case 'content_filter':
    case 'tool_calls':
      return reason;
    case 'stop':
    case 'unknown':
      return 'stop';
  }
}

function usageOf({ usage }: JobView): CompletionUsage | null {
  if (usage === null) return null;
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
    prompt_tokens_details: usage.input_tokens_details,
    completion_tokens_details: usage.output_tokens_details,
  };
}

/** A chat job that ended without an answer, as the error of its request. Longhaul has already repeated what may help. */
export function failureOf(job: JobView): GatewayError {
  const { code, message } = job.error ?? { code: 'internal', message: `Job ${job.id} ended ${job.status}.` };
  return new GatewayError(isErrorCode(code) ? code : 'internal', message, {
    shouldRetry: false,
    extra: { job_id: job.id },
  });
}
