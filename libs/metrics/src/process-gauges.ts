import { IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Metrics } from './metrics';

/** The histogram measures whole rounds of its own timer, so an idle loop shows this as its lag. */
const RESOLUTION_MS = 10;
const NANO_PER_SECOND = 1e9;
const MICRO_PER_SECOND = 1e6;

const lagOf = (nanoseconds: number): number =>
  Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / NANO_PER_SECOND - RESOLUTION_MS / 1000) : 0;

/** CPU, memory and the lag of the event loop, read when somebody scrapes. */
export class ProcessGauges {
  private readonly loop: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private cpuSeconds = 0;

  constructor(private readonly metrics: Metrics) {}

  start(): void {
    this.loop.enable();
    const startedAt = Math.round(Date.now() / 1000 - process.uptime());
    this.metrics.set('longhaul_process_start_time_seconds', {}, startedAt);
    this.metrics.beforeScrape(() => {
      this.sample();
    });
  }

  stop(): void {
    this.loop.disable();
  }

  private sample(): void {
    const { metrics, loop } = this;
    metrics.set('longhaul_event_loop_lag_p50_seconds', {}, lagOf(loop.percentile(50)));
    metrics.set('longhaul_event_loop_lag_p99_seconds', {}, lagOf(loop.percentile(99)));
    metrics.set('longhaul_event_loop_lag_max_seconds', {}, lagOf(loop.max));
    loop.reset();
    const { rss, heapUsed } = process.memoryUsage();
    metrics.set('longhaul_process_resident_memory_bytes', {}, rss);
    metrics.set('longhaul_process_heap_used_bytes', {}, heapUsed);
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / MICRO_PER_SECOND;
    metrics.count('longhaul_process_cpu_seconds_total', {}, cpuSeconds - this.cpuSeconds);
    this.cpuSeconds = cpuSeconds;
  }
}
