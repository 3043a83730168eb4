import { CONNECTION_KINDS } from './connections.mjs';
import { DISK_KINDS } from './disk.mjs';
import { MEMBER_KINDS } from './members.mjs';
import { POSTGRES_KINDS } from './postgres.mjs';
import { REDIS_KINDS } from './redis.mjs';

/**
 * Everything that can be done to Longhaul: `{ name, hits, cards, plan, strike }`. `cards`: how often it lies in the
 * deck. `plan(random, leaseMs)` decides when the schedule is made; `strike(site, fault)` does it, and ends when it is
 * over and what was hit serves again. It answers null when what it wanted to hit was out of reach.
 */
export const KINDS = [...MEMBER_KINDS, ...REDIS_KINDS, ...POSTGRES_KINDS, ...CONNECTION_KINDS, ...DISK_KINDS];
