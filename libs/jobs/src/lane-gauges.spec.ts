import { Metrics } from '@longhaul/metrics';
import { LaneFigures } from '@longhaul/records';
import { LaneGauges } from './lane-gauges';

const glm: LaneFigures = {
  lane: 'glm',
  ...{ cap: 10, inFlight: 2, waiting: 5, rung: 3, scheduled: 1 },
  oldestReadySeconds: 12.5,
};

describe('the gauges of the lanes', () => {
  let clockMs = 0;
  let asked = 0;
  let figures: () => Promise<readonly LaneFigures[]>;
  let metrics: Metrics;

  beforeEach(() => {
    clockMs = 0;
    asked = 0;
    figures = () => Promise.resolve([glm]);
    metrics = new Metrics();
    const ask = () => {
      asked += 1;
      return figures();
    };
    const gauges = new LaneGauges(metrics, ask, { now: () => clockMs });
    metrics.beforeScrape(() => gauges.sample());
  });

  const samples = async () =>
    (await metrics.text()).split('\n').filter((line) => /^longhaul_lane_/.test(line));

  it('show what PostgreSQL says', async () => {
    expect(await samples()).toEqual([
      'longhaul_lane_in_flight{lane="glm"} 2',
      'longhaul_lane_cap{lane="glm"} 10',
      'longhaul_lane_waiting{lane="glm"} 5',
      'longhaul_lane_rung{lane="glm"} 3',
      'longhaul_lane_scheduled{lane="glm"} 1',
      'longhaul_lane_oldest_ready_age_seconds{lane="glm"} 12.5',
    ]);
    expect(await metrics.text()).toContain('longhaul_database_up 1\n');
  });

  it('have no oldest age when nothing waits', async () => {
    figures = () => Promise.resolve([{ ...glm, waiting: 0, oldestReadySeconds: null }]);
    expect((await samples()).join()).not.toContain('oldest_ready_age');
  });

  it('ask at most once a second, also when scrapes come together', async () => {
    await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
    clockMs = 999;
    await metrics.text();
    expect(asked).toBe(1);
    clockMs = 1000;
    await metrics.text();
    expect(asked).toBe(2);
  });

  it('are absent while PostgreSQL is away, and back with it', async () => {
    await metrics.text();
    figures = () => Promise.reject(new Error('away'));
    clockMs = 2000;
    expect(await samples()).toEqual([]);
    expect(await metrics.text()).toContain('longhaul_database_up 0\n');
    figures = () => Promise.resolve([glm]);
    clockMs = 4000;
    expect(await samples()).toHaveLength(6);
  });
});
