import { ChatEvent, ChatRequest, ErrorCode, UpstreamLimits } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { ReplyHeaders } from './exchange';
import { HttpReply } from './http';
import { JsonObject } from './json';
import { LiveCall } from './live-call';

/** One request as it goes out. */
export interface WireRequest {
  /** Below the base URL, with its leading slash. */
  readonly path: string;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** One sentence for each thing that is sent otherwise than it was asked for, or not at all. No prompt text. */
  readonly adjustments: readonly string[];
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** The parsed body; undefined when it was no JSON. */
  readonly body: unknown;
  /** Wall clock, for a Retry-After date and a reset that is a time of day. */
  readonly nowMs: number;
}

/** An upstream's error, read. Its message stays inside: only code, words and hint go on. */
export interface UpstreamError {
  readonly code: ErrorCode;
  /** The upstream's own codes and types, in lower case. */
  readonly words: readonly string[];
  readonly retryAfterMs: number | undefined;
  /** The quota that it speaks of is this one model's. */
  readonly isOfModel?: boolean;
  /** What to do next, where the dialect knows it better than the code does. No word of the upstream's. */
  readonly remedy?: string;
}

/** What the reader of a reply may use. */
export interface Reading {
  readonly call: LiveCall;
  readonly settings: ProviderSettings;
  readonly request: ChatRequest;
}

/** What is particular to one protocol, as one provider speaks it; HttpProvider does the rest. */
export interface Wire {
  /** Pure. @throws GatewayError rejected_request for what this protocol cannot say at all */
  request(request: ChatRequest): WireRequest;
  /**
   * Reads a reply with a good status, to the closing mark. Tells `call.clocks.token()` of every piece of text, reasoning
   * or tool arguments. @throws GatewayError by `call.fault` or `refusalOf`, WireFailure
   */
  read(reply: HttpReply, reading: Reading): AsyncIterable<ChatEvent>;
  /** Pure. Reads a reply with a bad status, or an error body under a good one. */
  refusal(reply: ErrorReply): UpstreamError;
  /** Pure. What the headers of a reply say of the provider's own limits; left out where it sends none. */
  limits?(headers: ReplyHeaders, nowMs: number): UpstreamLimits | undefined;
}
