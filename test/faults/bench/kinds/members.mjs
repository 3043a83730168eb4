import { setTimeout as pause } from 'node:timers/promises';

const START_AGAIN_MS = { least: 200, most: 1_500 };

/** In leases. A short one ends before any lease runs out, and must cost nothing. */
const SHORT = { least: 0.05, most: 0.25 };
const LONG = { least: 1.5, most: 3 };

const forLeases =
  ({ least, most }) =>
  (random, leaseMs) => ({ lastsMs: random.between(least * leaseMs, most * leaseMs) });

/** Longer than an API may take to refuse a request, so that some can be judged. */
const REFUSALS_MS = 2_500;
const whileAsked = (random, leaseMs) => ({
  lastsMs: REFUSALS_MS + random.between(0.3 * leaseMs, 1.5 * leaseMs),
});

const afterDeath = (random) => ({ lastsMs: random.between(START_AGAIN_MS.least, START_AGAIN_MS.most) });

/** So many milliseconds; in a scenario that wants a signal instead, until what it waits for has come. */
export const passes = ({ lastsMs, until }) => (until ? until() : pause(lastsMs));

/** The wanted one, or the next that is up and that no other fault has in its hands. */
export async function withMember(site, { role, target }, work) {
  const all = site.members.filter((member) => member.role === role);
  const order = all.map((_, index) => all[(target + index) % all.length]);
  const member = order.find((one) => one.isUp && !one.isHeld);
  if (!member) return null;
  member.isHeld = true;
  try {
    return await work(member);
  } finally {
    member.isHeld = false;
  }
}

export const kill = (role) => (site, fault) =>
  withMember(site, { ...fault, role }, async (member) => {
    const entry = site.log.begin({
      ...{ number: fault.number, kind: fault.kind.name, hits: role, name: member.name, pid: member.pid },
      ...{ isDown: true, excuses: role === 'worker' },
    });
    await member.kill();
    await passes(fault);
    entry.upAt = Date.now();
    member.start();
    await member.ready();
    site.log.end(entry);
    return entry;
  });

const freeze = (role, excuses) => (site, fault) =>
  withMember(site, { ...fault, role }, async (member) => {
    const entry = site.log.begin({
      ...{ number: fault.number, kind: fault.kind.name, hits: role, name: member.name, pid: member.pid },
      ...{ isDown: true, excuses },
    });
    member.freeze();
    await passes(fault);
    member.thaw();
    site.log.end(entry);
    return entry;
  });

/** Cut off from PostgreSQL, by a port that is closed or by silence; a worker for longer than a lease. */
const cutOff = (role, begin, end) => (site, fault) =>
  withMember(site, { ...fault, role }, async (member) => {
    const entry = site.log.begin({
      ...{ number: fault.number, kind: fault.kind.name, hits: role, name: member.name, pid: member.pid },
      excuses: role === 'worker',
    });
    await begin(member.doors.postgres);
    entry.downAt = Date.now();
    await passes(fault);
    entry.upAt = Date.now();
    await end(member.doors.postgres);
    site.log.end(entry);
    return entry;
  });

const refused = (role) =>
  cutOff(
    role,
    (door) => door.refuse(),
    (door) => door.accept(),
  );

const silent = (role) =>
  cutOff(
    role,
    (door) => door.silence(),
    (door) => door.unsilence(),
  );

export const MEMBER_KINDS = [
  { name: 'worker-kill', hits: 'worker', cards: 5, plan: afterDeath, strike: kill('worker') },
  { name: 'worker-freeze', hits: 'worker', cards: 2, plan: forLeases(LONG), strike: freeze('worker', true) },
  {
    ...{ name: 'worker-freeze-short', hits: 'worker', cards: 2 },
    ...{ plan: forLeases(SHORT), strike: freeze('worker', false) },
  },
  {
    ...{ name: 'worker-cut-off', hits: 'worker', cards: 1, plan: forLeases(LONG) },
    strike: refused('worker'),
  },
  {
    ...{ name: 'worker-half-open', hits: 'worker', cards: 1, plan: forLeases(LONG) },
    strike: silent('worker'),
  },
  { name: 'api-kill', hits: 'api', cards: 3, plan: afterDeath, strike: kill('api') },
  {
    ...{ name: 'api-freeze', hits: 'api', cards: 2 },
    ...{ plan: forLeases({ least: 0.2, most: 1.5 }), strike: freeze('api', false) },
  },
  { name: 'api-cut-off', hits: 'api', cards: 1, plan: whileAsked, strike: refused('api') },
  { name: 'api-half-open', hits: 'api', cards: 1, plan: whileAsked, strike: silent('api') },
];
