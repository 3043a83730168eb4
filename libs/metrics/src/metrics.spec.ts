import { Instrument } from './instrument';
import { INSTRUMENTS } from './instruments';
import { Metrics } from './metrics';
import { ProcessGauges } from './process-gauges';

const all: readonly Instrument[] = INSTRUMENTS;

describe('the instruments', () => {
  it('are named by the conventions: longhaul_, base units, counters in _total', () => {
    for (const { kind, name } of all) {
      expect(name).toMatch(/^longhaul_[a-z0-9]+(_[a-z0-9]+)*$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|nano_usd|kilobytes|percent)(_|$)/);
    }
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('have no label that could hold a prompt, a key, a caller or a job', () => {
    const bounded = [
      'type',
      'provider',
      'lane',
      'status',
      'why',
      'outcome',
      'action',
      'code',
      'model',
      'bucket',
      'limit',
    ];
    const ofRouting = ['tier', 'cause'];
    const ofHttp = ['method', 'route'];
    const used = new Set(all.flatMap(({ labels }) => labels));
    expect([...used].filter((label) => ![...bounded, ...ofRouting, ...ofHttp].includes(label))).toEqual([]);
  });

  it('have upper bounds that grow, and a sentence each', () => {
    for (const { help, buckets } of all) {
      expect(help).toMatch(/^[A-Z0-9].*\.$/);
      expect([...buckets].sort((left, right) => left - right)).toEqual(buckets);
    }
  });
});

describe('metrics', () => {
  it('of one process know nothing of those of another', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.count('longhaul_tickets_rung_total', { lane: 'glm' }, 3);
    expect(await one.text()).toContain('longhaul_tickets_rung_total{lane="glm"} 3\n');
    expect(await other.text()).not.toContain('lane="glm"');
  });

  it('show in each scrape what was tallied until then, together with what was counted', async () => {
    const metrics = new Metrics();
    const [one, same] = [1, 2].map(() => metrics.tally('longhaul_tickets_rung_total', { lane: 'glm' }));
    one?.();
    one?.();
    same?.();
    metrics.count('longhaul_tickets_rung_total', { lane: 'glm' });
    expect(await metrics.text()).toContain('longhaul_tickets_rung_total{lane="glm"} 4\n');
    expect(await metrics.text()).toContain('longhaul_tickets_rung_total{lane="glm"} 4\n');
    one?.();
    expect(await metrics.text()).toContain('longhaul_tickets_rung_total{lane="glm"} 5\n');
  });

  it('forget a gauge that is not known: it is absent, not old', async () => {
    const metrics = new Metrics();
    metrics.set('longhaul_lane_waiting', { lane: 'glm' }, 7);
    expect(await metrics.text()).toContain('longhaul_lane_waiting{lane="glm"} 7\n');
    metrics.forget('longhaul_lane_waiting');
    expect(await metrics.text()).not.toContain('longhaul_lane_waiting{');
  });

  it('are read in spite of a sampler that fails', async () => {
    const metrics = new Metrics();
    metrics.beforeScrape(() => Promise.reject(new Error('away')));
    metrics.beforeScrape(() => {
      throw new Error('at once');
    });
    metrics.beforeScrape(() => {
      metrics.set('longhaul_database_up', {}, 1);
    });
    expect(await metrics.text()).toContain('longhaul_database_up 1\n');
  });
});

describe('the gauges of a process', () => {
  const valueOf = (text: string, name: string): number =>
    Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);

  it('see a blocked event loop in the next scrape, and no more in the one after', async () => {
    const metrics = new Metrics();
    const gauges = new ProcessGauges(metrics);
    gauges.start();
    try {
      const lagIn = (text: string, which: string) =>
        valueOf(text, `longhaul_event_loop_lag_${which}_seconds`);
      const turns = () => new Promise((resolve) => setTimeout(resolve, 50));
      await turns();
      for (const untilMs = performance.now() + 500; performance.now() < untilMs;);
      await turns();
      const text = await metrics.text();
      const blocked = lagIn(text, 'max');
      expect(blocked).toBeGreaterThan(0.4);
      // One long round among a few short ones: it is their 99th percentile, and not their median.
      expect(lagIn(text, 'p99')).toBeGreaterThan(0.4);
      expect(lagIn(text, 'p50')).toBeLessThan(blocked);
      await turns();
      expect(lagIn(await metrics.text(), 'max')).toBeLessThan(blocked);
    } finally {
      gauges.stop();
    }
  });

  it('count CPU time once, however often they are scraped', async () => {
    const metrics = new Metrics();
    const gauges = new ProcessGauges(metrics);
    gauges.start();
    await metrics.text();
    await metrics.text();
    const text = await metrics.text();
    gauges.stop();
    const { user, system } = process.cpuUsage();
    expect(valueOf(text, 'longhaul_process_cpu_seconds_total')).toBeLessThanOrEqual((user + system) / 1e6);
    expect(valueOf(text, 'longhaul_process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });
});
