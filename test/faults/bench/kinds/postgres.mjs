import { setTimeout as pause } from 'node:timers/promises';
import { passes, withMember } from './members.mjs';
import { withStore } from './redis.mjs';

const outage = (random, leaseMs) => ({ lastsMs: random.between(0.3 * leaseMs, 3 * leaseMs) });

const away = (go, comeBack) => (site, fault) =>
  withStore(site, { store: 'postgres', fault, isDown: true }, async (server, entry) => {
    await go(server);
    entry.downAt = Date.now();
    await passes(fault);
    entry.upAt = Date.now();
    await comeBack(server);
  });

/**
 * What was answered meanwhile lies in the spool alone when its worker dies; whoever takes the jobs over must look there
 * and pay nothing again.
 */
const awayAndWorkerDies = (site, fault) =>
  withStore(site, { store: 'postgres', fault, isDown: true }, async (server, entry) => {
    await server.kill();
    entry.downAt = Date.now();
    await pause(fault.lastsMs);
    await withMember(site, { ...fault, role: 'worker' }, async (member) => {
      const death = site.log.begin({
        ...{ number: fault.number, kind: 'worker-kill', hits: 'worker', name: member.name, pid: member.pid },
        ...{ isDown: true, excuses: true },
      });
      await member.kill();
      entry.upAt = Date.now();
      await server.start();
      death.upAt = Date.now();
      member.start();
      await member.ready();
      site.log.end(death);
    });
    if (entry.upAt) return;
    entry.upAt = Date.now();
    await server.start();
  });

/**
 * Back for all but one worker, which needs half a lease more. Its leases have run out, and it lives: the others must leave
 * them alone until they have seen PostgreSQL for a whole lease. On a busy machine it needs half of that, since the rest of
 * the lease is all that its connection and its renewal have.
 */
const backLaterForOne = (site, fault) =>
  withStore(site, { store: 'postgres', fault, isDown: true }, async (server, entry) => {
    await withMember(site, { ...fault, role: 'worker' }, async ({ name, doors }) => {
      await doors.postgres.refuse();
      await server.kill();
      entry.downAt = Date.now();
      await pause(fault.lastsMs);
      entry.upAt = Date.now();
      await server.start();
      const laterMs = site.options.lenient ? fault.laterMs / 2 : fault.laterMs;
      await pause(laterMs);
      await doors.postgres.accept();
      entry.note = `${name} ${laterMs} ms later`;
    });
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
  {
    ...{ name: 'postgres-later-for-one', hits: 'postgres', cards: 2, strike: backLaterForOne },
    plan: (random, leaseMs) => ({
      lastsMs: random.between(leaseMs, 2 * leaseMs),
      laterMs: Math.round(leaseMs / 2),
    }),
  },
  { name: 'postgres-and-worker', hits: 'postgres', cards: 2, plan: outage, strike: awayAndWorkerDies },
];
