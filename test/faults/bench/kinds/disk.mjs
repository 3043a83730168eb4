import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../http.mjs';
import { withStore } from './redis.mjs';

const MOST_SEGMENTS = 60;
const SEEN_AFTER_MS = 50;
const READY_MS = 5_000;

const aWhile = (random, leaseMs) => ({ lastsMs: random.between(1.5 * leaseMs, 3 * leaseMs) });

/** The disk of PostgreSQL is full to its last page from `fullAt` to `freeAt`; a server that ended of it is started again. */
const full = (harm) => (site, fault) =>
  withStore(site, { store: 'postgres', fault, isDown: false }, async (server, entry) => {
    site.disk.fill();
    entry.fullAt = Date.now();
    const endsAt = performance.now() + fault.lastsMs;
    try {
      const api = site.apis[fault.target % site.apis.length];
      [entry.said, entry.read] = await Promise.all([readinessOf(api), readFrom(api)]);
      entry.note = `${await harm(site, entry)}; readiness: ${entry.said}; a read: ${entry.read}`;
      await pause(Math.max(0, endsAt - performance.now()));
    } finally {
      site.disk.free();
      entry.freeAt = Date.now();
      await server.revive();
      if (entry.downAt) entry.upAt = entry.freeAt;
    }
  });

/** What an API says of the database. */
const readinessOf = ({ url }) =>
  ask(`${url}/readyz`, { patienceMs: READY_MS }).then(
    ({ body }) => body.checks.database,
    (error) => error.code ?? error.name,
  );

/** The status of a read, or why there is none. */
const readFrom = ({ url }) =>
  ask(`${url}/v1/jobs?limit=20`, { patienceMs: READY_MS }).then(
    ({ status }) => status,
    (error) => error.code ?? error.name,
  );

/** What a write says that needs a page. */
async function refusedWith(site) {
  await pause(SEEN_AFTER_MS);
  const text = `CREATE TABLE bench_needs_room AS SELECT repeat('x', 100) AS words FROM generate_series(1, 1000)`;
  const code = await site.pool.query(text).then(
    () => 'no refusal',
    (error) => error.code ?? error.message,
  );
  return `a write is refused with ${code}`;
}

/** Uses up the segments that are there; the next one cannot be made, which PostgreSQL does not survive. */
async function withoutWal(site, entry) {
  const refused = await refusedWith(site);
  const { postgres } = site.stores;
  for (let segment = 0; segment < MOST_SEGMENTS && postgres.runs; segment += 1) {
    await site.pool
      .query(`SELECT pg_logical_emit_message(false, 'bench', 'x'), pg_switch_wal()`)
      .catch(() => pause(SEEN_AFTER_MS));
  }
  if (await postgres.hasEnded()) entry.downAt = Date.now();
  return `${refused}; ${entry.downAt ? 'PANIC: it ended' : 'it went on'} for want of write-ahead log`;
}

/** Not in the deck of any other run: they need a disk that is small (`diskMb`). */
export const DISK_KINDS = [
  { name: 'postgres-full', hits: 'postgres', cards: 0, plan: aWhile, strike: full(refusedWith) },
  { name: 'postgres-wal-full', hits: 'postgres', cards: 0, plan: aWhile, strike: full(withoutWal) },
];
