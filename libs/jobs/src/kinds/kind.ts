import { ChatAnswer, ChatRequest, IncompleteReason, Need } from '@longhaul/contract';

/** What a kind asks of the model; the runner adds the target's model id and clamps the output budget. */
export type CallRequest = Omit<ChatRequest, 'model'>;

/** What a kind may do while it runs: one upstream call, and say how far it is. */
export interface KindContext {
  /** The one upstream call of this claim. A second call is a programming error and throws `internal`. */
  call(request: CallRequest): Promise<ChatAnswer>;
  progress(message: string, percent?: number): void;
}

/** A finished answer; a failure is thrown as a GatewayError. */
export type KindResult =
  | { readonly status: 'completed'; readonly output: unknown }
  | { readonly status: 'incomplete'; readonly reason: IncompleteReason; readonly output: unknown };

/** The little of a job that a report's head shows. */
export interface ReportedJob {
  readonly id: string;
  readonly resolved: { readonly provider: string; readonly model: string };
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly costUsd: number | null;
}

/** A job type: one file `<name>.kind.ts`, one line in kinds/index.ts. A plain value without state. */
export interface JobKind<Input = unknown> {
  readonly type: string;
  /**
   * Raised when `input` is stored in a way that older workers would misread: during a rollout they then leave the job to
   * newer ones. A worker reads every version up to its own.
   */
  readonly payloadVersion: number;
  /** Shown in errors and docs. */
  readonly description: string;
  /** The class of `input`, from which its documents are made; `parse` checks by it. */
  readonly inputShape: new () => object;
  /** Reads `input` of the body. Throws `invalid_request` with one fault per problem, pointers under `/input`. */
  parse(input: unknown): Input;
  /** Estimates tokens without a tokenizer, on the safe side. */
  need(input: Input): Need;
  run(input: Input, context: KindContext): Promise<KindResult>;
  /** Markdown of an ended job's output, for kinds that have one. */
  report?(job: ReportedJob, output: unknown): string;
}
