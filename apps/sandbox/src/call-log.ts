import { closeSync, openSync, writeSync } from 'node:fs';
import { HoldPoint } from './script';
import { UpstreamCall } from './upstream-call';
import { WireUsage } from './wire';

/** One upstream call as the upstream saw it. Times are Unix milliseconds. It holds no prompt and no key. */
export interface CallRecord {
  readonly seq: number;
  readonly provider: string;
  readonly path: string;
  readonly model: string | null;
  /** From `[[marker]]` in the last user message. */
  readonly marker: string | null;
  readonly promptSha256: string;
  readonly parameters: Readonly<Record<string, number | boolean>>;
  /** Whether an Authorization header came; never the header. */
  readonly authorized: boolean;
  readonly userAgent: string | null;
  /** Whether a script answered it. */
  readonly scripted: boolean;
  readonly receivedAt: number;
  readonly headersAt: number | null;
  readonly firstTokenAt: number | null;
  /** The sandbox ended the answer: whole, or cut as its script said. */
  readonly endedAt: number | null;
  /** The client went away before that. */
  readonly clientClosedAt: number | null;
  readonly outcome: 'whole' | 'cut' | 'client_closed' | null;
  readonly heldBefore: HoldPoint | null;
  readonly status: number | null;
  /** Bytes of the body. */
  readonly bytesSent: number;
  readonly usageBilled: WireUsage | null;
}

type Entry = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

export interface Tally {
  readonly count: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
}

export interface CallSummary extends Tally {
  readonly byProvider: Readonly<Record<string, Tally>>;
  readonly byMarker: Readonly<Record<string, Tally>>;
}

export const isInFlight = (call: CallRecord): boolean => call.outcome === null;

/** The most calls that were open at one instant. A call that ended in the millisecond of another's start counts by order. */
class Counter implements Tally {
  count = 0;
  inFlight = 0;
  maxInFlight = 0;

  open(): void {
    this.count += 1;
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
  }

  close(): void {
    this.inFlight -= 1;
  }
}

export interface Arrival {
  readonly authorized: boolean;
  readonly userAgent: string | null;
  readonly scripted: boolean;
}

export type Outcome = NonNullable<CallRecord['outcome']>;

/** What a call's handler may write down after it arrived. */
export type CallNote = Partial<
  Pick<Entry, 'headersAt' | 'firstTokenAt' | 'heldBefore' | 'status' | 'bytesSent' | 'usageBilled'>
>;

/** The judge: every call in the order of arrival. */
export class CallLog {
  readonly #now: () => number;
  readonly #file: number | null;
  #seq = 0;
  #entries: Entry[] = [];
  #all = new Counter();
  #byProvider = new Map<string, Counter>();
  #byMarker = new Map<string, Counter>();
  #watchers = new Set<() => void>();

  constructor(now: () => number, logFile?: string) {
    this.#now = now;
    this.#file = logFile === undefined ? null : openSync(logFile, 'a');
  }

  /** Writes a call down at its arrival. */
  open(call: UpstreamCall, arrival: Arrival): CallRecord {
    const { provider, path, model, marker, promptSha256, parameters } = call;
    const entry: Entry = {
      ...{ seq: (this.#seq += 1), provider, path, model, marker, promptSha256, parameters, ...arrival },
      ...{
        receivedAt: this.#now(),
        headersAt: null,
        firstTokenAt: null,
        endedAt: null,
        clientClosedAt: null,
      },
      ...{ outcome: null, heldBefore: null, status: null, bytesSent: 0, usageBilled: null },
    };
    this.#entries.push(entry);
    this.#countersOf(entry).forEach((counter) => counter.open());
    this.#append('received', entry);
    this.#changed();
    return entry;
  }

  note(call: CallRecord, note: CallNote): void {
    Object.assign(call, note);
    this.#changed();
  }

  /** Ends a call once; a later end of the same call changes nothing. */
  end(call: CallRecord, outcome: Outcome): void {
    const entry: Entry = call;
    if (entry.outcome !== null) return;
    entry.outcome = outcome;
    entry.heldBefore = null;
    if (outcome === 'client_closed') entry.clientClosedAt = this.#now();
    else entry.endedAt = this.#now();
    this.#countersOf(entry).forEach((counter) => counter.close());
    this.#append('ended', entry);
    this.#changed();
  }

  /** Copies, so that a test's expectation does not change under it. */
  calls(): readonly CallRecord[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  summary(): CallSummary {
    const tallies = (counters: Map<string, Counter>): Record<string, Tally> =>
      Object.fromEntries([...counters].map(([name, counter]) => [name, { ...counter }]));
    return { ...this.#all, byProvider: tallies(this.#byProvider), byMarker: tallies(this.#byMarker) };
  }

  /** Forgets the ended calls. Those in flight stay, and the maxima begin anew with them. */
  clear(): void {
    this.#entries = this.#entries.filter(isInFlight);
    this.#all = new Counter();
    this.#byProvider.clear();
    this.#byMarker.clear();
    this.#entries.forEach((entry) => this.#countersOf(entry).forEach((counter) => counter.open()));
    this.#changed();
  }

  /** Calls `watcher` after every change until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
  }

  #changed(): void {
    [...this.#watchers].forEach((watcher) => watcher());
  }

  #countersOf(entry: Entry): Counter[] {
    const named = (counters: Map<string, Counter>, name: string): Counter => {
      const counter = counters.get(name) ?? new Counter();
      counters.set(name, counter);
      return counter;
    };
    const marked = entry.marker === null ? [] : [named(this.#byMarker, entry.marker)];
    return [this.#all, named(this.#byProvider, entry.provider), ...marked];
  }

  /** Synchronous, so that a killed test or a killed sandbox leaves every line that was due. */
  #append(event: 'received' | 'ended', entry: Entry): void {
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify({ event, ...entry })}\n`);
  }
}
