/** Who waits at the gate, or who may pass. */
export interface GateMatch {
  readonly provider?: string;
  readonly marker?: string;
}

interface Holder {
  readonly provider: string;
  readonly marker: string | null;
  readonly open: () => void;
}

interface Grant {
  readonly match: GateMatch;
  left: number;
}

const fits = (match: GateMatch, who: Pick<Holder, 'provider' | 'marker'>): boolean =>
  (match.provider === undefined || match.provider === who.provider) &&
  (match.marker === undefined || match.marker === who.marker);

/**
 * Holds answers until a test says go. A release that finds nobody waiting is kept for whoever comes, so that
 * no test can lose a signal to timing; a release of all stays open until the reset.
 */
export class Gate {
  #holders: Holder[] = [];
  #grants: Grant[] = [];

  /** Waits for a release. Rejects with the signal's reason when the call is over before. */
  hold(who: Pick<Holder, 'provider' | 'marker'>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#holders = this.#holders.filter((other) => other !== holder);
        reject(signal.reason as Error);
      };
      const open = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const holder: Holder = { provider: who.provider, marker: who.marker, open };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#holders.push(holder);
      this.#settle();
    });
  }

  /** Lets `count` answers pass, the longest held first. */
  release(count: number | 'all' = 'all', match: GateMatch = {}): void {
    this.#grants.push({ match, left: count === 'all' ? Infinity : count });
    this.#settle();
  }

  /** Forgets the releases that nobody used. Held answers stay held. */
  reset(): void {
    this.#grants = [];
  }

  #settle(): void {
    this.#holders = this.#holders.filter((holder) => {
      const grant = this.#grants.find((one) => one.left > 0 && fits(one.match, holder));
      if (grant === undefined) return true;
      grant.left -= 1;
      holder.open();
      return false;
    });
  }
}
