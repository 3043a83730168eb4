import { Fault, GatewayError, invalidRequest } from '@longhaul/contract';

/** Stands in a list for what was sent there and cannot be stored: the others of the list are none the worse. */
export class FaultyItem {
  // Private to JavaScript too: whoever walks the body finds nothing to look at.
  readonly #faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  /** The answer that it would have had alone. */
  get refusal(): GatewayError {
    return invalidRequest(this.#faults);
  }
}

/** The lists of which each item has an outcome of its own, by the pattern of their route. */
const LISTS: ReadonlyMap<string, string> = new Map([['/v1/jobs/bulk', 'jobs']]);

/** The name of the member that is such a list. */
export const listOf = (pattern: string | undefined): string | undefined => LISTS.get(pattern ?? '');
