import { setTimeout as pause } from 'node:timers/promises';
import { withRedis } from '../redis-client.mjs';

const outage = (random, leaseMs) => ({ lastsMs: random.between(0.3 * leaseMs, 4 * leaseMs) });

/** One at a time, and `away` from when it is until it answers again. */
export async function withStore(site, { store, fault, isDown }, work) {
  const server = site.stores[store];
  if (server.isHeld) return null;
  server.isHeld = true;
  const entry = site.log.begin({
    number: fault.number,
    kind: fault.kind.name,
    hits: store,
    name: store,
    isDown,
  });
  try {
    await work(server, entry);
    site.log.end(entry);
    return entry;
  } finally {
    server.isHeld = false;
  }
}

const redis = (fault, isDown, work) => (site) => withStore(site, { store: 'redis', fault, isDown }, work);

const restart = (between) => (site, fault) =>
  redis(fault, true, async (server, entry) => {
    await server.kill();
    between(server);
    entry.downAt = Date.now();
    await pause(fault.lastsMs);
    entry.upAt = Date.now();
    await server.start();
  })(site);

const freeze = (site, fault) =>
  redis(fault, true, async (server, entry) => {
    server.freeze();
    entry.downAt = Date.now();
    await pause(fault.lastsMs);
    entry.upAt = Date.now();
    server.thaw();
  })(site);

const flush = (site, fault) =>
  redis(fault, false, async ({ url }, entry) => {
    entry.waiting = await site.waitingWithTicket();
    await withRedis(url, (client) => client.flushall());
    entry.flushedAt = Date.now();
    entry.backAt = await site.untilRungAgain(entry.waiting, entry.flushedAt);
  })(site);

/** A backup of some time ago: tickets of jobs that have moved on, or ended. */
const old = async (site, fault) => {
  if (site.stores.redis.isHeld) return null;
  site.stores.redis.copy();
  await pause(fault.lastsMs);
  return redis(fault, true, async (server) => {
    await server.kill();
    server.putBack();
    await server.start();
  })(site);
};

export const REDIS_KINDS = [
  { name: 'redis-flush', hits: 'redis', cards: 3, plan: () => ({}), strike: flush },
  { name: 'redis-kill', hits: 'redis', cards: 2, plan: outage, strike: restart(() => undefined) },
  { name: 'redis-freeze', hits: 'redis', cards: 1, plan: outage, strike: freeze },
  { name: 'redis-empty', hits: 'redis', cards: 1, plan: outage, strike: restart((server) => server.empty()) },
  { name: 'redis-old', hits: 'redis', cards: 1, plan: outage, strike: old },
];
