/** What the settings say about failures of one provider. */
export interface FailureTerms {
  /** Names the key with which this process calls it. */
  readonly credential: string;
  /** Repeats on the same target. */
  readonly retryAttempts: number;
  /** Upper end of the first wait before a repeat, and how long a target cools at least. */
  readonly backoffMs: number;
}
