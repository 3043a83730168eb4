import { TargetHealth } from '@longhaul/records';

/** How the calls of a model have gone lately, over all processes. */
export interface HealthView {
  readonly samples: number;
  readonly success_rate: number;
  readonly latency_ms: number | null;
  readonly first_token_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  /** Unix seconds. */
  readonly updated_at: number;
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));

export const viewHealth = (health: TargetHealth): HealthView => ({
  samples: health.samples,
  success_rate: Math.round(health.successRate * 1000) / 1000,
  latency_ms: rounded(health.latencyMs),
  first_token_ms: rounded(health.firstTokenMs),
  p50_ms: rounded(health.p50Ms),
  p95_ms: rounded(health.p95Ms),
  updated_at: Math.floor(health.updatedAt.getTime() / 1000),
});
