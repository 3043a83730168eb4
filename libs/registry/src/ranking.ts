import { CatalogueEntry } from './entry';
import { compareNames } from './near-matches';
import { Order } from './orders';
import { Question } from './question';

/** A model in its place, and the step that put it before the next one. */
export interface Ranked {
  readonly entry: CatalogueEntry;
  /** The name of an Order; `name` = equal in all of them; `only_candidate`, `last_candidate` = nothing came after it. */
  readonly because: string;
}

interface Placed {
  readonly entry: CatalogueEntry;
  readonly places: readonly number[];
}

/** Sorts by each step in turn, the strongest first; what is equal in all of them goes by name, so the order is one and the same everywhere. */
export function rankBy(
  orders: readonly Order[],
  entries: readonly CatalogueEntry[],
  question: Question,
): Ranked[] {
  const placed = entries.map((entry) => ({
    entry,
    places: orders.map((order) => order.place(entry, question)),
  }));
  placed.sort(compare);
  return placed.map((each, index) => ({
    entry: each.entry,
    because: stepBetween(each, placed[index + 1], { orders, isOnly: placed.length === 1 }),
  }));
}

function compare(left: Placed, right: Placed): number {
  const step = firstDifference(left, right);
  if (step < 0) return compareNames(left.entry.name, right.entry.name);
  return (left.places[step] ?? 0) < (right.places[step] ?? 0) ? -1 : 1;
}

/** Indexes, not values: a sort of hundreds of models asks this thousands of times. */
function firstDifference({ places }: Placed, { places: others }: Placed): number {
  for (let index = 0; index < places.length; index++) if (places[index] !== others[index]) return index;
  return -1;
}

function stepBetween(
  one: Placed,
  next: Placed | undefined,
  { orders, isOnly }: { readonly orders: readonly Order[]; readonly isOnly: boolean },
): string {
  if (next === undefined) return isOnly ? 'only_candidate' : 'last_candidate';
  return orders[firstDifference(one, next)]?.name ?? 'name';
}
