import { CALLER_SCENARIOS } from './callers.mjs';
import { DISK_SCENARIOS } from './disk.mjs';
import { STORE_SCENARIOS } from './stores.mjs';
import { WORKER_SCENARIOS } from './workers.mjs';

/**
 * Directed runs for what chance meets too seldom: `{ what, env, lanes, judges, play }`. `env`: settings of all processes; `lanes`:
 * the `WORKER_LANES` of single workers; `judges`: as of a profile; `play(stage)` hands the jobs in and strikes. The
 * invariants are those of every run.
 */
export const SCENARIOS = { ...WORKER_SCENARIOS, ...STORE_SCENARIOS, ...DISK_SCENARIOS, ...CALLER_SCENARIOS };
