export interface LaneGateOptions<Answer> {
  /** No slot was free. */
  readonly isFull: (answer: Answer) => boolean;
  /** A slot was free. Default: whatever is not full; an answer that is neither leaves the gate as it is. */
  readonly isFree?: (answer: Answer) => boolean;
  /** For so long a full answer is shared without asking anew. Default 0: only with those who waited for it. */
  readonly freshForMs?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/**
 * Keeps a full lane from asking the database once per ticket. While claims succeed everyone claims; after a
 * full answer one ticket at a time is the probe, and those that arrive meanwhile share its answer.
 * One gate per process and lane.
 */
export class LaneGate<Answer> {
  readonly #isFull: (answer: Answer) => boolean;
  readonly #isFree: (answer: Answer) => boolean;
  readonly #freshForMs: number;
  readonly #now: () => number;
  #held: { readonly answer: Answer; readonly atMs: number } | null = null;
  #probe: Promise<Answer> | null = null;

  constructor(options: LaneGateOptions<Answer>) {
    this.#isFull = options.isFull;
    this.#isFree = options.isFree ?? ((answer) => !options.isFull(answer));
    this.#freshForMs = options.freshForMs ?? 0;
    this.#now = options.now ?? (() => performance.now());
  }

  /** True while the last word on this lane is "full". */
  get isHeld(): boolean {
    return this.#held !== null;
  }

  /**
   * Claims, or shares a full answer.
   * @param claim asks the database; it learns whether it is the probe.
   */
  async pass(claim: (probe: boolean) => Promise<Answer>): Promise<Answer> {
    while (this.#held !== null) {
      if (this.#now() - this.#held.atMs < this.#freshForMs) return this.#held.answer;
      if (this.#probe === null) return this.#runProbe(claim);
      const shared = await this.#answerOf(this.#probe);
      if (shared !== null && this.#isFull(shared.answer)) return shared.answer;
      // The probe got a slot, or learned nothing: this ticket asks for itself, as a claim or as the next probe.
    }
    return this.#note(await claim(false));
  }

  async #runProbe(claim: (probe: boolean) => Promise<Answer>): Promise<Answer> {
    const probe = claim(true).then((answer) => this.#note(answer));
    this.#probe = probe;
    try {
      return await probe;
    } finally {
      this.#probe = null;
    }
  }

  /** Null when the probe threw: its error is its own, and says nothing about slots. */
  async #answerOf(probe: Promise<Answer>): Promise<{ readonly answer: Answer } | null> {
    try {
      return { answer: await probe };
    } catch {
      return null;
    }
  }

  #note(answer: Answer): Answer {
    if (this.#isFull(answer)) this.#held = { answer, atMs: this.#now() };
    else if (this.#isFree(answer)) this.#held = null;
    return answer;
  }
}
