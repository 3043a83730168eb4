import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CounterName, GaugeName, HistogramName, INSTRUMENTS, LabelsOf } from './instruments';

/** Brings gauges up to date before a scrape. One that fails leaves its gauges as they are. */
export type Sampler = () => void | Promise<void>;

/** What one process measures. Made with `new` and handed in: there is no global registry. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly samplers: Sampler[] = [];
  private readonly tallies: (() => void)[] = [];

  constructor() {
    const registers = [this.registry];
    for (const { kind, name, help, labels, buckets } of INSTRUMENTS) {
      const about = { name, help, labelNames: [...labels], registers };
      if (kind === 'counter') this.counters.set(name, new Counter(about));
      else if (kind === 'gauge') this.gauges.set(name, new Gauge(about));
      else this.histograms.set(name, new Histogram({ ...about, buckets: [...buckets] }));
    }
  }

  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
    this.counters.get(name)?.inc(labels, by);
  }

  /**
   * A count with its labels bound, for what happens with every request: the registry looks the labels up anew each
   * time, so it hears the sum when it is read. One for each set of labels, kept as long as this.
   */
  tally<N extends CounterName>(name: N, labels: LabelsOf<N>): () => void {
    let open = 0;
    this.tallies.push(() => {
      if (open > 0) this.count(name, labels, open);
      open = 0;
    });
    return () => {
      open += 1;
    };
  }

  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, seconds: number): void {
    this.histograms.get(name)?.observe(labels, seconds);
  }

  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void {
    this.gauges.get(name)?.set(labels, value);
  }

  /** Forgets all label values of a gauge: a value that is not known must be absent, not old. */
  forget(name: GaugeName): void {
    this.gauges.get(name)?.reset();
  }

  beforeScrape(sampler: Sampler): void {
    this.samplers.push(sampler);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The text that Prometheus reads. No sampler's failure breaks it. */
  async text(): Promise<string> {
    await Promise.allSettled(this.samplers.map(async (sample) => sample()));
    for (const takeOver of this.tallies) takeOver();
    return this.registry.metrics();
  }
}
