import { Metrics } from '@longhaul/metrics';
import { LaneLimits } from '@longhaul/records';
import { RateGauges } from './rate-gauges';

const NONE = { configured: null, seen: null, used: 0 };
const glm: LaneLimits = {
  lane: 'glm',
  credential: 'glm:0123456789ab',
  requestsPerMinute: { configured: 60, seen: 40, used: 7 },
  tokensPerMinute: NONE,
  tokensPerDay: { configured: 1_000_000, seen: null, used: 250_000 },
};
const free: LaneLimits = { ...glm, lane: 'ollama', requestsPerMinute: NONE, tokensPerDay: NONE };

describe('the gauges of the limits', () => {
  let clockMs = 0;
  let asked = 0;
  let figures: () => Promise<readonly LaneLimits[]>;
  let metrics: Metrics;

  beforeEach(() => {
    clockMs = 0;
    asked = 0;
    figures = () => Promise.resolve([glm, free]);
    metrics = new Metrics();
    const ask = () => {
      asked += 1;
      return figures();
    };
    const gauges = new RateGauges(metrics, ask, { now: () => clockMs });
    metrics.beforeScrape(() => gauges.sample());
  });

  const samples = async () =>
    (await metrics.text()).split('\n').filter((line) => /^longhaul_rate_/.test(line));

  it('show the limit in force and what of it is taken, and nothing where there is no limit', async () => {
    expect(await samples()).toEqual([
      'longhaul_rate_limit{lane="glm",limit="requests_per_minute"} 40',
      'longhaul_rate_limit{lane="glm",limit="tokens_per_day"} 1000000',
      'longhaul_rate_used{lane="glm",limit="requests_per_minute"} 7',
      'longhaul_rate_used{lane="glm",limit="tokens_per_day"} 250000',
    ]);
  });

  it('are absent while PostgreSQL does not answer, and back when it does', async () => {
    await samples();
    figures = () => Promise.reject(new Error('away'));
    clockMs = 1000;
    expect(await samples()).toEqual([]);
    figures = () => Promise.resolve([glm]);
    clockMs = 2000;
    expect(await samples()).toHaveLength(4);
  });

  it('ask PostgreSQL once for scrapes of the same second', async () => {
    await Promise.all([samples(), samples()]);
    expect(asked).toBe(1);
  });
});
