import { CatalogueEntry } from '../entry';
import { Question } from '../question';

/** One ranking step: one file `<name>.order.ts`, one line in orders/index.ts. A plain value without state. */
export interface Order {
  /** The word for it in ROUTING_ORDER, in `decided_by` and in `because`. */
  readonly name: string;
  /** What it puts first, in one sentence. */
  readonly meaning: string;
  /** Lower comes first; equal = this step does not tell the two apart. Never NaN. Never throws, asks no database. */
  place(entry: CatalogueEntry, question: Question): number;
}
