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
    return this.registry.metrics();
  }
}
