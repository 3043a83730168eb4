import { setTimeout as pause } from 'node:timers/promises';

const TRAP_MS = 4_000;
const AT_ONCE = () => ({});

/** On the door of one process to one store. None of these is long enough to cost a lease. */
const at = (store, work) => async (site, fault) => {
  const { target, number, kind } = fault;
  const up = site.members.filter((member) => member.isUp && !member.isHeld && fits(kind, member));
  if (up.length === 0) return null;
  const member = up[target % up.length];
  const entry = site.log.begin({ number, kind: kind.name, hits: store, name: member.name, pid: member.pid });
  site.log.end(entry, (await work(member.doors[store], fault)) ?? '');
  return entry;
};

const fits = ({ role }, member) => role === undefined || member.role === role;

const cut = (door) => door.cut();

/** In the middle of a reply. */
const torn = (door, { bytes }) => door.cutAfterBytes(bytes);

/** The statement is committed, and nobody is told. */
const commitLost =
  (...names) =>
  async (door) =>
    (await door.keepCommitBack(names, TRAP_MS)) ?? 'no such statement came';

const slow = async (door, { delayMs, lastsMs }) => {
  await door.delay(delayMs);
  await pause(lastsMs);
  await door.delay(0);
};

const refused = async (door, { lastsMs }) => {
  await door.refuse();
  await pause(lastsMs);
  await door.accept();
};

const silent = async (door, { lastsMs }) => {
  await door.silence();
  await pause(lastsMs);
  await door.unsilence();
};

const someBytes = (random) => ({ bytes: random.between(1, 4_000) });
const aWhile = (random, leaseMs) => ({
  lastsMs: random.between(0.3 * leaseMs, 2 * leaseMs),
  delayMs: random.between(20, 120),
});

const on = (store, name, cards, rest) => ({ name: `${store}-${name}`, hits: store, cards, ...rest });

export const CONNECTION_KINDS = [
  on('postgres', 'cut', 2, { plan: AT_ONCE, strike: at('postgres', cut) }),
  on('postgres', 'torn', 1, { plan: someBytes, strike: at('postgres', torn) }),
  on('postgres', 'slow', 1, { plan: aWhile, strike: at('postgres', slow) }),
  on('postgres', 'accept-lost', 2, {
    ...{ role: 'api', plan: AT_ONCE },
    strike: at('postgres', commitLost('accept', 'accept_together')),
  }),
  on('postgres', 'claim-lost', 2, {
    ...{ role: 'worker', plan: AT_ONCE },
    strike: at('postgres', commitLost('claim', 'claim_together')),
  }),
  on('postgres', 'settle-lost', 2, {
    ...{ role: 'worker', plan: AT_ONCE },
    strike: at('postgres', commitLost('settle', 'settle_together')),
  }),
  on('postgres', 'cancel-lost', 1, {
    ...{ role: 'api', plan: AT_ONCE },
    strike: at('postgres', commitLost('cancel')),
  }),
  on('postgres', 'feed-lost', 1, { plan: AT_ONCE, strike: at('postgres', commitLost('feed', 'free_dead')) }),
  on('redis', 'cut', 2, { plan: AT_ONCE, strike: at('redis', cut) }),
  on('redis', 'torn', 1, { plan: someBytes, strike: at('redis', torn) }),
  on('redis', 'refused', 1, { plan: aWhile, strike: at('redis', refused) }),
  on('redis', 'half-open', 1, { plan: aWhile, strike: at('redis', silent) }),
];
