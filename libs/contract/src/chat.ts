import { CallPhase } from './errors';
import { ModelTraits, ReasoningEffort } from './model-traits';
import { Usage } from './usage';

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

export type ImageSource =
  | { readonly kind: 'url'; readonly url: string }
  /** `data` is base64. */
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string };

export interface ImagePart {
  readonly type: 'image';
  readonly image: ImageSource;
  /** How closely the model shall look; absent = its own choice, as `auto`. */
  readonly detail?: 'auto' | 'low' | 'high';
}

export type ContentPart = { readonly type: 'text'; readonly text: string } | ImagePart;

/** What a model asks to have done. `arguments` is the JSON text as the model wrote it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/**
 * What a provider wants back unchanged with its own message: signed thoughts, reasoning text. Opaque to all but the
 * dialect that made it, and worth nothing to another provider.
 */
export interface ProviderState {
  readonly provider: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string | readonly ContentPart[];
  /** Of an assistant. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool: which call it answers. */
  readonly toolCallId?: string;
  /** Of an assistant. Only ever that of the provider that is called. */
  readonly state?: ProviderState;
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** A JSON schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
}

export type ToolChoice =
  { readonly kind: 'auto' | 'none' | 'required' } | { readonly kind: 'named'; readonly name: string };

export type ResponseFormat =
  | { readonly kind: 'json_object' }
  | {
      readonly kind: 'json_schema';
      readonly name: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict?: boolean;
    };

/** What a dialect needs to make one upstream call. `model` is the provider's own id, without our prefix. */
export interface ChatRequest {
  readonly model: string;
  /** What the catalogue knows of the model; absent or null = nothing. */
  readonly traits?: ModelTraits | null;
  readonly messages: readonly ChatMessage[];
  /** Estimated on the safe side, for providers that have to be told how large a window to open. */
  readonly inputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** Asked for where the provider can promise it; a dialect that leaves it out says so. */
  readonly responseFormat?: ResponseFormat;
  readonly reasoningEffort?: ReasoningEffort;
}

/** Why the model stopped, in our words. `unknown` keeps a stream honest when the provider's word is new. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'unknown';

/** What a provider says is left of one of its limits, e.g. by `x-ratelimit-remaining-requests`. */
export interface LimitState {
  /** Per minute; undefined where the provider does not say. */
  readonly limit?: number;
  readonly remaining?: number;
  /** Until it is whole again, from now. */
  readonly resetMs?: number;
}

export interface UpstreamLimits {
  readonly requests?: LimitState;
  readonly tokens?: LimitState;
}

/**
 * A call as a stream. Exactly one `end` closes a good answer; a stream that stops without it is truncated and
 * the dialect throws `stream_truncated`. `adjusted` comes before anything is sent, and only when something of the request
 * is sent otherwise than it was asked for; then `headers`; a keep-alive comment is no event at all.
 */
export type ChatEvent =
  | { readonly type: 'adjusted'; readonly notes: readonly string[] }
  | {
      readonly type: 'headers';
      readonly upstreamStatus: number;
      readonly upstreamRequestId?: string;
      readonly limits?: UpstreamLimits;
    }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** Whole, once its arguments are complete. */
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  | {
      readonly type: 'end';
      readonly finishReason: FinishReason;
      readonly usage: Usage | null;
      /** The price in nano-USD when the provider itself states it (OpenRouter's `usage.cost`). */
      readonly statedCostNanoUsd?: number;
      /** To be sent back with this answer when the conversation goes on. */
      readonly state?: ProviderState['data'];
    };

/** The whole answer of one upstream call. */
export interface ChatAnswer {
  readonly text: string;
  readonly reasoning: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  /** Null when the provider sent none: the call is then unpriced, never free. */
  readonly usage: Usage | null;
  readonly statedCostNanoUsd: number | null;
  readonly state: ProviderState | null;
}

/** What is known of a call when it failed half-way: for the ledger, which books unfinished calls too. */
export interface CallTrace {
  readonly phase: CallPhase;
  readonly upstreamStatus?: number;
  readonly upstreamRequestId?: string;
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  /** What of the request was sent otherwise than it was asked for. */
  readonly adjustments?: readonly string[];
  readonly limits?: UpstreamLimits;
}
