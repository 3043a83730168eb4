import { CallPhase } from './errors';
import { Usage } from './usage';

export type ChatRole = 'system' | 'user' | 'assistant';

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
}

/** What a dialect needs to make one upstream call. `model` is the provider's own id, without our prefix. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** Ask for a JSON object where the provider can promise one. */
  readonly json?: boolean;
}

/** Why the model stopped, in our words. `unknown` keeps a stream honest when the provider's word is new. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'unknown';

/**
 * A call as a stream. Exactly one `end` closes a good answer; a stream that stops without it is truncated and
 * the dialect throws `stream_truncated`. `headers` comes first; a keep-alive comment is no event at all.
 */
export type ChatEvent =
  | { readonly type: 'headers'; readonly upstreamStatus: number; readonly upstreamRequestId?: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'end';
      readonly finishReason: FinishReason;
      readonly usage: Usage | null;
      /** The price in nano-USD when the provider itself states it (OpenRouter's `usage.cost`). */
      readonly statedCostNanoUsd?: number;
    };

/** The whole answer of one upstream call. */
export interface ChatAnswer {
  readonly text: string;
  readonly reasoning: string | null;
  readonly finishReason: FinishReason;
  /** Null when the provider sent none: the call is then unpriced, never free. */
  readonly usage: Usage | null;
  readonly statedCostNanoUsd: number | null;
}

/** What is known of a call when it failed half-way: for the ledger, which books unfinished calls too. */
export interface CallTrace {
  readonly phase: CallPhase;
  readonly upstreamStatus?: number;
  readonly upstreamRequestId?: string;
  readonly firstTokenMs?: number;
  readonly totalMs: number;
}
