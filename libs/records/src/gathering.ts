import { GatewayError } from '@longhaul/contract';

export interface GatheringOptions {
  /** A group of so many starts at once. */
  readonly most: number;
  /** Nobody waits longer than this for the group before. */
  readonly patienceMs: number;
}

/** For statements that commit: a group of this size is done in milliseconds. */
export const TOGETHER: GatheringOptions = { most: 50, patienceMs: 50 };

/** What is larger goes alone: in a group, all would wait for the transfer of each. */
export const MOST_TOGETHER_CHARACTERS = 32_768;

/** A read is over sooner, and somebody waits for it. */
export const READS_TOGETHER: GatheringOptions = { most: 50, patienceMs: 10 };

/** What PostgreSQL refuses in one of a group is refused to all of it; then each is to ask for itself. */
export function notTogether(thrown: unknown): null {
  if (thrown instanceof GatewayError) throw thrown;
  return null;
}

interface Asked<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Puts questions into one statement that come in the same moment, or while the group before is under way: under load
 * they share its costs, and alone one waits for nothing. What is asked later than a group began is not part of it, so
 * an answer is never older than its question.
 */
export class Gathering<Item, Answer> {
  private waiting: Asked<Item, Answer>[] = [];
  private underWay: symbol | null = null;
  private timer: NodeJS.Timeout | null = null;

  /** @param answerAll one answer for each item, in their order; what it throws is thrown to all */
  constructor(
    private readonly answerAll: (items: readonly Item[]) => Promise<readonly Answer[]>,
    private readonly options: GatheringOptions,
  ) {}

  ask(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length >= this.options.most) this.start();
      else if (this.waiting.length === 1) this.startSoon();
    });
  }

  private startSoon(): void {
    if (this.underWay === null) {
      // After what has come in this turn of the event loop.
      setImmediate(() => {
        if (this.underWay === null) this.start();
      });
      return;
    }
    this.timer ??= setTimeout(() => {
      this.start();
    }, this.options.patienceMs);
  }

  private start(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const group = this.waiting;
    if (group.length === 0) return;
    this.waiting = [];
    const mark = Symbol();
    this.underWay = mark;
    void this.answer(group).then(() => {
      if (this.underWay !== mark) return;
      this.underWay = null;
      this.start();
    });
  }

  private async answer(group: readonly Asked<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.answerAll(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, at) => {
        if (at in answers) resolve(answers[at] as Answer);
        else reject(new Error('A group was answered with fewer answers than it has items.'));
      });
    } catch (thrown) {
      for (const { reject } of group) reject(thrown);
    }
  }
}
