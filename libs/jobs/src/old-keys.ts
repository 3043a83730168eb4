import { LaneState, MOST_UNBARRED_AT_ONCE, Records } from '@longhaul/records';
import { Log } from './log';

/** One round takes so many, and then lets the rest of its work have a turn. */
const BATCHES_A_ROUND = 10;
const EMPTY_ROUNDS = 2;

const keysOf = (lanes: readonly LaneState[]): string =>
  lanes
    .map(({ name, credential }) => `${name} ${credential ?? name}`)
    .sort()
    .join('\n');

/**
 * Makes the jobs ready that wait for the end of what bars a key which is no longer in use. Looks at the start of a process
 * and whenever a lane has another key than before, whoever has declared it, until there is nothing left. Not in every round:
 * a process that still has the old key in a rolling restart would have its refused jobs back at once, and again.
 */
export class OldKeys {
  private present = '';
  private emptyRounds = 0;

  constructor(
    private readonly lanes: Pick<Records['lanes'], 'unbar'>,
    private readonly log: Pick<Log, 'info'>,
  ) {}

  see(lanes: readonly LaneState[]): void {
    const present = keysOf(lanes);
    if (present !== this.present) this.emptyRounds = 0;
    this.present = present;
  }

  /**
   * Costs nothing while no key has changed. The last is the second in a row that finds nothing: a batch passes over what is
   * locked, by one that may be rolled back, or by a move to the end of the old bar.
   * @param goesOn asked before each batch
   */
  async round(goesOn: () => boolean): Promise<void> {
    if (this.emptyRounds >= EMPTY_ROUNDS) return;
    let jobs = 0;
    for (let batch = 0; batch < BATCHES_A_ROUND; batch += 1) {
      if (!goesOn()) return;
      const count = await this.lanes.unbar();
      jobs += count;
      if (count < MOST_UNBARRED_AT_ONCE) break;
    }
    this.emptyRounds = jobs === 0 ? this.emptyRounds + 1 : 0;
    if (jobs > 0) this.log.info(`${String(jobs)} job(s) wait no more for a key that is not in use.`);
  }
}
