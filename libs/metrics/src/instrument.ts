/** One thing that is measured: what the registry registers and docs/metrics.md tells. */
export interface Instrument {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: `longhaul_${string}`;
  /** One sentence, with the unit where the name has none. */
  readonly help: string;
  /** Each of a bounded set of values: never a prompt, key, caller or job id. */
  readonly labels: readonly string[];
  /** Upper bounds; a histogram's alone. */
  readonly buckets: readonly number[];
}

type Name = Instrument['name'];

/** Only grows. Its name ends in `_total`. */
export const counter = <const N extends `longhaul_${string}_total`, const L extends readonly string[]>(
  name: N,
  labels: L,
  help: string,
) => ({ kind: 'counter', name, labels, help, buckets: [] }) as const;

export const gauge = <const N extends Name, const L extends readonly string[]>(
  name: N,
  labels: L,
  help: string,
) => ({ kind: 'gauge', name, labels, help, buckets: [] }) as const;

/** Spans of time, in seconds. */
export const spans = <const N extends `longhaul_${string}_seconds`, const L extends readonly string[]>(
  name: N,
  { labels, buckets }: { readonly labels: L; readonly buckets: readonly number[] },
  help: string,
) => ({ kind: 'histogram', name, labels, help, buckets }) as const;
