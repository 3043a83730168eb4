import { Event, evicted, eventsOf } from './all-moves';
import { Census } from './census';
import { brokenTogether, Law } from './laws';
import { Kind, Rules } from './rules';
import { Around, Claim, isLive, Job, newJob } from './world';

/** Jobs by their numbers. */
export interface World {
  readonly jobs: readonly number[];
  readonly barred: readonly boolean[];
}

export interface Next {
  readonly kind: Kind;
  readonly name: string;
  /** Null = it happens to all of them. */
  readonly job: number | null;
  readonly law: Law | null;
  readonly world: World;
}

const put = <Value>(list: readonly Value[], index: number, value: Value): Value[] => {
  const copy = [...list];
  copy[index] = value;
  return copy;
};

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

/** Room for the numbers of two jobs, and the bars, in a whole number. */
const MOST_JOBS = 2 ** 24;

const keyOf = (jobs: readonly number[]): number => jobs.reduce((sum, number) => sum * MOST_JOBS + number, 0);
const bitsOf = (flags: readonly boolean[]): number => flags.reduce((sum, is) => sum * 2 + Number(is), 0);

/** The lease of a worker that is well looks expired: it had no time to renew. */
const isOwed = ({ held, lapsed, claims }: Job): boolean => held && lapsed && claims.slice(-1).some(isWell);
const isWell = ({ turn, faulted }: Claim): boolean => turn !== 'over' && !faulted;

/** The worlds of a size, and what may happen in them. */
export class Worlds {
  private readonly census: Census;
  private readonly events: readonly Event[];
  private readonly areAlike: boolean;

  constructor(private readonly rules: Rules) {
    this.census = new Census(rules);
    this.events = eventsOf(rules.size.workers);
    this.areAlike = !rules.size.cancels && !rules.size.deadlines;
  }

  first(): World {
    const { size } = this.rules;
    return {
      jobs: times(size.jobs, this.census.numberOf(newJob(size))),
      barred: times(size.providers, false),
    };
  }

  hasEnded({ jobs }: World): boolean {
    return jobs.every((number) => !isLive(this.job(number)));
  }

  nextOf(world: World): Next[] {
    return [...this.leaps(world), ...this.barSteps(world), ...this.happenings(world)];
  }

  /** One name for the worlds that differ only in the names of workers and of alike jobs. */
  plain({ jobs, barred }: World): { readonly key: number; readonly jobs: readonly number[] } {
    const same = this.sorted(jobs);
    const swapped =
      this.rules.size.workers === 2 ? this.sorted(jobs.map((number) => this.census.swapped(number))) : same;
    const plain = keyOf(same) <= keyOf(swapped) ? same : swapped;
    return { key: keyOf(plain) * 2 ** barred.length + bitsOf(barred), jobs: plain };
  }

  private sorted(jobs: readonly number[]): readonly number[] {
    const [one = 0, other = 0] = jobs;
    return this.areAlike && jobs.length === 2 && one > other ? [other, one] : jobs;
  }

  private job(number: number): Job {
    return this.census.jobs[number] as Job;
  }

  private leaps(world: World): Next[] {
    return world.jobs.flatMap((number, index) =>
      this.census.leapsOf(number, this.around(world, index)).map(({ kind, name, law, to, evicts }): Next => {
        const others = evicts ? this.evicted(world.jobs, index) : world.jobs;
        const jobs = put(others, index, to);
        return {
          kind,
          name,
          job: index,
          law: law ?? this.together(jobs),
          world: { jobs, barred: world.barred },
        };
      }),
    );
  }

  private evicted(jobs: readonly number[], index: number): number[] {
    const { provider } = this.job(jobs[index] as number);
    return jobs.map((number, at) =>
      at !== index && this.job(number).slot === provider
        ? this.census.numberOf(evicted(this.job(number)))
        : number,
    );
  }

  private around({ jobs, barred }: World, index: number): Around {
    const all = jobs.map((number) => this.job(number));
    const holder = all.find(({ slot }, at) => at !== index && slot === all[index]?.provider);
    return {
      ...{ workers: this.rules.size.workers, barred, isFirst: index === 0 },
      mayJudge: !all.some(isOwed),
      isKeyKnown: all.some(({ status }, at) => at !== index && status !== null),
      slot: holder === undefined ? 'free' : holder.lapsed ? 'lapsed' : 'taken',
    };
  }

  /** A provider is turned off, or cools. */
  private barSteps({ jobs, barred }: World): Next[] {
    if (!this.rules.size.bars) return [];
    return barred.map((is, at) => ({
      ...{ kind: is ? 'road' : 'caller', name: is ? 'a bar ends' : 'a bar', job: null, law: null },
      world: { jobs, barred: put(barred, at, !is) },
    }));
  }

  private happenings({ jobs, barred }: World): Next[] {
    return this.events.flatMap((event): Next[] => {
      const effects = jobs.map((number) => this.census.after(number, event));
      const after = effects.map(({ to }) => to);
      const law = effects.find((effect) => effect.law !== null)?.law ?? this.together(after);
      const isNothing = law === null && after.every((number, index) => number === jobs[index]);
      return isNothing
        ? []
        : [{ kind: event.kind, name: event.name, job: null, law, world: { jobs: after, barred } }];
    });
  }

  private together(jobs: readonly number[]): Law | null {
    return jobs.length < 2 ? null : brokenTogether(jobs.map((number) => this.job(number)));
  }
}
