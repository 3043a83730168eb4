import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import { ROOT } from '../../../scripts/system/paths.mjs';
import { Joined } from './joined.mjs';

/** Times as Unix milliseconds, on the clock that all processes of this machine share. */
const ms = (column) => `(extract(epoch FROM ${column}) * 1000)::float8`;

const QUERIES = {
  rows: `SELECT id, metadata ->> 'marker' AS marker, status, phase, error ->> 'code' AS code, deaths, fence, lease_owner AS owner,
      resolved.text, resolved.finish, ${ms('created_at')} AS "createdAt", ${ms('completed_at')} AS "completedAt",
      ${ms('deadline_at')} AS "deadlineAt", ${ms('cancel_requested_at')} AS "cancelledAt"
    FROM jobs, LATERAL (SELECT output ->> 'text' AS text, output ->> 'finish_reason' AS finish) resolved ORDER BY id`,
  attempts: `SELECT job_id AS "jobId", fence, number, lane, model, ring, worker, status, code, upstream_request_id AS "requestId",
      ${ms('started_at')} AS "startedAt", ${ms('ended_at')} AS "endedAt" FROM attempts ORDER BY job_id, number`,
  ledger: `SELECT job_id AS "jobId", fence, provider, model, call, usage, nano_usd AS "nanoUsd" FROM ledger`,
  events: `SELECT job_id AS "jobId", seq, ${ms('at')} AS at, status, phase, attempt, code FROM job_events ORDER BY job_id, seq`,
  heldSlots: `SELECT scope, n, job_id AS "jobId" FROM slots WHERE job_id IS NOT NULL`,
  leases: `SELECT id FROM jobs WHERE lease_owner IS NOT NULL`,
  tombstones: `SELECT job_id AS "jobId" FROM tombstones`,
};

/** Everything that the invariants judge by: the upstream's log, the rows, the caller's history, what was done to whom. */
export async function gather({ site, options, ran }) {
  const evidence = await gatherAll({ site, options, ran });
  return { ...evidence, joined: new Joined(evidence) };
}

/** Of a site that has had others before: what belongs to the jobs of this run alone, since it began. */
export async function gatherOwn({ site, options, ran }) {
  const all = await gatherAll({ site, options, ran });
  const markers = new Set(ran.jobs.map(({ marker }) => marker));
  const rows = all.rows.filter(({ marker }) => markers.has(marker));
  const ids = new Set(rows.map(({ id }) => id));
  const own = (list) => list.filter(({ jobId }) => ids.has(jobId));
  const evidence = {
    ...all,
    rows,
    gone: all.gone.filter(({ marker }) => markers.has(marker)),
    ...{ attempts: own(all.attempts), ledger: own(all.ledger), events: own(all.events) },
    lines: all.lines.filter(({ marker }) => markers.has(marker)),
    members: all.members.map((member) => ({
      ...member,
      lives: member.lives.filter(({ endedAt }) => endedAt === null || endedAt >= ran.startedAt),
    })),
  };
  return { ...evidence, joined: new Joined(evidence) };
}

async function gatherAll({ site, options, ran }) {
  const tables = await site.snapshot(QUERIES);
  const found = Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.map(withNumbers)]),
  );
  const lines = await site.upstream.calls();
  const gone = goneOf(found, { ran, lines });
  const goneMarkers = new Set(gone.map(({ marker }) => marker));
  const members = site.members.map(({ name, role, lives, logFile }) => ({ name, role, lives, logFile }));
  return {
    options,
    ran,
    ...found,
    gone,
    lines: lines.filter(({ marker }) => !goneMarkers.has(marker)),
    members,
    lanes: site.scenario.lanes ?? {},
    faults: site.log.entries,
    prices: pricesOf(),
  };
}

/** Jobs of this run that were deleted or purged: what is left of each, and what was called for it. */
function goneOf({ tombstones, rows, attempts, events, ledger }, { ran, lines }) {
  const markerOf = new Map(ran.jobs.map(({ index, marker }) => [index, marker]));
  const markers = new Map(ran.client.submits.map(({ id, index }) => [id, markerOf.get(index)]));
  return tombstones
    .filter(({ jobId }) => markers.has(jobId))
    .map(({ jobId: id }) => {
      const isOfIt = ({ jobId }) => jobId === id;
      const left =
        rows.filter((row) => row.id === id).length + [...attempts, ...events].filter(isOfIt).length;
      const calls = lines.filter(({ marker }) => marker === markers.get(id));
      return { id, marker: markers.get(id), left, calls, booked: ledger.filter(isOfIt) };
    });
}

/** int8 comes as text. */
const withNumbers = (row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      ['fence', 'nanoUsd'].includes(name) && value !== null ? Number(value) : value,
    ]),
  );

/** `<provider>/<model>` → USD per million tokens, as the catalogue of this checkout says: not as the ledger remembers. */
function pricesOf() {
  const { model } = parse(readFileSync(path.join(ROOT, 'config/models.toml'), 'utf8'));
  return new Map(
    model
      .filter(({ price }) => price !== undefined && !Array.isArray(price))
      .map(({ id, provider, price }) => [`${provider}/${id}`, price]),
  );
}
