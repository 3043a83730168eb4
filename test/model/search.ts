import { Law } from './laws';
import { Missing, Rules } from './rules';
import { Size } from './world';
import { Next, World, Worlds } from './worlds';

export interface Asked {
  readonly size: Size;
  readonly missing?: Missing;
}

export interface Found {
  readonly states: number;
  readonly steps: number;
  /** Null = no step breaks a law. */
  readonly broken: { readonly law: Law; readonly path: readonly string[] } | null;
  /** Worlds from which no path without a fault ends every job. */
  readonly stuck: number;
}

/** Every world that can be reached, breadth first; those with fewer faults behind them first, since more may yet happen to them. */
export function search({ size, missing }: Asked): Found {
  const worlds = new Worlds(new Rules(size, missing ?? null));
  const explored = new Explored(worlds);
  explored.reach(worlds.first(), -1, null);
  let steps = 0;
  for (let faultsLeft = size.faults, at = 0; faultsLeft >= 0; faultsLeft--) {
    const faulty: { readonly from: number; readonly next: Next }[] = [];
    for (; at < explored.worlds.length; at++) {
      for (const next of worlds.nextOf(explored.worlds[at] as World)) {
        if (next.kind === 'fault' && faultsLeft === 0) continue;
        steps += 1;
        if (next.law)
          return { ...explored.found(steps), broken: { law: next.law, path: explored.path(at, next) } };
        if (next.kind === 'fault') faulty.push({ from: at, next });
        else explored.reach(next.world, at, next);
      }
    }
    for (const { from, next } of faulty) explored.reach(next.world, from, next);
  }
  return { ...explored.found(steps), stuck: explored.stuck() };
}

type Reason = Pick<Next, 'name' | 'job' | 'kind'>;

class Explored {
  readonly worlds: World[] = [];
  private readonly numbers = new Map<number, number>();
  private readonly origins: { readonly from: number; readonly why: string }[] = [];
  /** Pairs of numbers: from, to. */
  private readonly roads: number[] = [];

  constructor(private readonly all: Worlds) {}

  reach(reached: World, from: number, reason: Reason | null): void {
    const { key, jobs } = this.all.plain(reached);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.worlds.length;
      this.numbers.set(key, number);
      this.worlds.push({ jobs, barred: reached.barred });
      this.origins.push({ from, why: reason === null ? '' : wordsOf(reason) });
    }
    if (reason?.kind === 'road' && number !== from) this.roads.push(from, number);
  }

  found(steps: number): Found {
    return { states: this.worlds.length, steps, broken: null, stuck: 0 };
  }

  path(to: number, last: Reason): string[] {
    const path = [wordsOf(last)];
    for (let at = to; at > 0; at = this.origins[at]?.from ?? 0) path.unshift(this.origins[at]?.why ?? '');
    return path;
  }

  /** How many have no road to a world in which every job has ended. */
  stuck(): number {
    const { starts, froms } = this.roadsBack();
    const isReached = this.worlds.map((world) => this.all.hasEnded(world));
    const left = isReached.flatMap((is, at) => (is ? [at] : []));
    for (let to = left.pop(); to !== undefined; to = left.pop())
      for (const from of froms.subarray(starts[to], starts[to + 1])) {
        if (isReached[from] === true) continue;
        isReached[from] = true;
        left.push(from);
      }
    return isReached.filter((is) => !is).length;
  }

  /** The worlds from which a road leads to world `to` stand in `froms` from `starts[to]` to before `starts[to + 1]`. */
  private roadsBack(): { readonly starts: Uint32Array; readonly froms: Uint32Array } {
    const { roads } = this;
    const starts = new Uint32Array(this.worlds.length + 1);
    const froms = new Uint32Array(roads.length / 2);
    for (let at = 1; at < roads.length; at += 2)
      starts[roads[at] as number] = (starts[roads[at] as number] ?? 0) + 1;
    for (let to = 1; to < starts.length; to++) starts[to] = (starts[to] ?? 0) + (starts[to - 1] ?? 0);
    for (let at = 1; at < roads.length; at += 2) {
      const to = roads[at] as number;
      starts[to] = (starts[to] ?? 0) - 1;
      froms[starts[to] ?? 0] = roads[at - 1] as number;
    }
    return { starts, froms };
  }
}

const wordsOf = ({ name, job }: Reason): string => (job === null ? name : `job ${String(job)}: ${name}`);
