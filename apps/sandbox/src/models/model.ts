/** What a model of the sandbox sees of a request. */
export interface ModelRequest {
  readonly lastUserText: string;
  /** The caller's limit on the answer; null = none. */
  readonly maxTokens: number | null;
}

/** A model of the sandbox: plain code that answers in text. One file, one line in models/index.ts. */
export interface SandboxModel {
  readonly id: string;
  readonly description: string;
  answer(request: ModelRequest): string;
}
