import { WantedCall } from '../wire';

/** What a model of the sandbox sees of a request. */
export interface ModelRequest {
  readonly lastUserText: string;
  /** What a tool has answered, where that was the last word. */
  readonly toolResult: string | null;
  /** The tool call that the request demands, and an answer of the schema that it asks for. */
  readonly demandedCall: WantedCall | null;
  readonly demandedJson: string | null;
  /** The caller's limit on the answer; null = none. */
  readonly maxTokens: number | null;
}

/** A model of the sandbox: plain code that answers in text, or with a tool call. One file, one line in models/index.ts. */
export interface SandboxModel {
  readonly id: string;
  readonly description: string;
  answer(request: ModelRequest): string | WantedCall;
}
