import { setTimeout as pause } from 'node:timers/promises';
import { withStore } from './redis.mjs';

const outage = (random, leaseMs) => ({ lastsMs: random.between(0.2 * leaseMs, 2.5 * leaseMs) });

const away = (go, comeBack) => (site, fault) =>
  withStore(site, { store: 'postgres', fault, isDown: true }, async (server, entry) => {
    await go(server);
    entry.downAt = Date.now();
    await pause(fault.lastsMs);
    entry.upAt = Date.now();
    await comeBack(server);
  });

const start = (server) => server.start();

export const POSTGRES_KINDS = [
  {
    ...{ name: 'postgres-kill', hits: 'postgres', cards: 2, plan: outage },
    strike: away((server) => server.kill(), start),
  },
  {
    ...{ name: 'postgres-stop', hits: 'postgres', cards: 1, plan: outage },
    strike: away((server) => server.stop(), start),
  },
  {
    ...{ name: 'postgres-freeze', hits: 'postgres', cards: 2, plan: outage },
    strike: away(
      (server) => server.freeze(),
      (server) => server.thaw(),
    ),
  },
];
