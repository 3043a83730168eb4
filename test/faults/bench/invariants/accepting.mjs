import { cutOffsOf, isWell, ms, outagesOf, postgresIsWell } from '../spans.mjs';

const REFUSED_MS = 2_000;

/** PostgreSQL has a second and a half for a statement; a refusal that names it and took so long speaks of the machine. */
const STATEMENT_MS = 1_500;

const isAccepted = ({ status }) => status === 202 || status === 200;
const during = ({ sentAt, answeredAt }, { from, to }) => sentAt >= from && answeredAt <= to;
const inAny = (request, outages) => outages.some((outage) => during(request, outage));

/** What was asked while a store was surely down. */
const askedDuring = (evidence, store) =>
  evidence.ran.client.submits.filter((request) => inAny(request, outagesOf(evidence, store)));

/** Who was deleted, or has had his time, may be gone: `removed` judges that. */
function lost({ ran, rows, gone }) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const away = new Set(gone.map(({ id }) => id));
  const ids = new Set(ran.client.submits.filter(isAccepted).map(({ id }) => id));
  const bad = [...ids].flatMap((id) => {
    const row = byId.get(id);
    if (!row && away.has(id)) return [];
    if (!row) return [`${id} was accepted, and there is no such job`];
    return row.completedAt === null ? [`${id} (${row.marker}) is still ${row.status}/${row.phase}`] : [];
  });
  return { said: `${ids.size} accepted, ${bad.length} lost`, bad };
}

function unanswered({ ran, options }) {
  const accepted = new Set(ran.client.submits.filter(isAccepted).map(({ index }) => index));
  const bad = ran.jobs
    .filter(({ index }) => !accepted.has(index))
    .map(({ index, marker }) => {
      const last = ran.client.submits.findLast((request) => request.index === index);
      return `${marker} was never accepted; last answer ${last?.status} ${last?.code}`;
    });
  const unsent = options.jobs - ran.jobs.length;
  if (unsent > 0) bad.push(`${unsent} jobs were never sent: the machine is too slow for so many`);
  return { said: `${accepted.size} of ${options.jobs} jobs taken`, bad };
}

/** What one API was asked while it alone surely had no PostgreSQL. */
const askedOfTheCutOff = (evidence) =>
  evidence.ran.client.submits.filter((request) =>
    cutOffsOf(evidence).some((cutOff) => request.api === cutOff.api && during(request, cutOff)),
  );

function falseAccepts(evidence) {
  const cutOff = askedOfTheCutOff(evidence);
  const asked = [...new Set([...askedDuring(evidence, 'postgres'), ...cutOff])];
  const bad = asked
    .filter(isAccepted)
    .map(({ id, api }) => `${id} was accepted by ${api} without PostgreSQL`);
  return {
    said: `${asked.length} asked without PostgreSQL, ${cutOff.length} of them of an API cut off from it; ${bad.length} accepted`,
    bad,
  };
}

/** Whether a refusal was due in a span in which the API had no PostgreSQL, and was else well. */
const isDue = (evidence, { sentAt, api, answeredAt }, { from, to }) =>
  sentAt >= from && sentAt + REFUSED_MS <= to && isWell(evidence, api, { from: sentAt, to: answeredAt });

function refusedFast(evidence) {
  const outages = outagesOf(evidence, 'postgres');
  const cutOffs = cutOffsOf(evidence);
  const ofTheCutOff = (request) =>
    cutOffs.some(
      (cutOff) =>
        request.api === cutOff.api && isDue({ ...evidence, faults: cutOff.others }, request, cutOff),
    );
  const asked = evidence.ran.client.submits.filter(
    (request) => outages.some((outage) => isDue(evidence, request, outage)) || ofTheCutOff(request),
  );
  const bad = asked
    .filter(({ status, tookMs }) => status !== 503 || tookMs > REFUSED_MS)
    .map(({ api, status, code, tookMs }) => `${api} answered ${status} ${code} after ${ms(tookMs)}`);
  const most = Math.max(0, ...asked.map(({ tookMs }) => tookMs));
  const alone = asked.filter(ofTheCutOff).length;
  return {
    said: `${asked.length} answers, ${alone} of them of an API cut off from it, the slowest after ${ms(most)}`,
    bad,
  };
}

/** What was asked while the disk of PostgreSQL was full: some jobs still fit into the pages that are there. */
const askedOfTheFull = ({ ran, faults }) => {
  const spans = faults.flatMap(({ fullAt, freeAt }) =>
    fullAt && freeAt ? [{ from: fullAt, to: freeAt }] : [],
  );
  return ran.client.submits.filter((request) => inAny(request, spans));
};

function fullDisk(evidence) {
  const asked = askedOfTheFull(evidence);
  const refused = asked.filter(({ status }) => status === 503);
  const stored = asked.filter(isAccepted);
  const isOdd = ({ status, code }) =>
    status !== null && !isAccepted({ status }) && status !== 409 && code !== 'store_unavailable';
  const told = evidence.faults.filter(({ said }) => said !== undefined);
  const bad = [
    ...asked.filter(isOdd).map(({ api, status, code }) => `${api} answered ${status} ${code}`),
    ...told
      .filter(({ said }) => !/^(?:full|away):|TIMEOUT/.test(said))
      .map(({ said, kind }) => `during ${kind} readiness said "${said}" of the database`),
    ...told
      .filter(({ said, read }) => said.startsWith('full:') && read !== 200)
      .map(({ kind, read }) => `during ${kind} a read was answered ${read}`),
  ];
  return {
    said: `${asked.length} asked, ${refused.length} refused with 503, ${stored.length} stored`,
    bad,
    seen: told.length,
  };
}

function fullFast(evidence) {
  const asked = askedOfTheFull(evidence).filter(({ status }) => status === 503);
  const bad = asked
    .filter(({ tookMs }) => tookMs > REFUSED_MS)
    .map(({ api, tookMs }) => `${api} refused after ${ms(tookMs)}`);
  const most = Math.max(0, ...asked.map(({ tookMs }) => tookMs));
  return { said: `${asked.length} refusals, the slowest after ${ms(most)}`, bad, seen: asked.length };
}

function acceptsWithoutRedis(evidence) {
  const asked = askedDuring(evidence, 'redis').filter(
    ({ api, sentAt, answeredAt }) =>
      isWell(evidence, api, { from: sentAt, to: answeredAt }) && postgresIsWell(evidence, sentAt, answeredAt),
  );
  const refused = asked.filter(({ status }) => !isAccepted({ status }) && status !== 409);
  const isSlowMachine = ({ code, tookMs }) => code === 'store_unavailable' && tookMs >= STATEMENT_MS;
  const bad = refused
    .filter((request) => !(evidence.options.lenient && isSlowMachine(request)))
    .map(({ api, status, code }) => `${api} answered ${status} ${code}`);
  return { said: `${asked.length - refused.length} of ${asked.length} accepted without Redis`, bad };
}

function oneKeyOneJob({ ran, rows }) {
  const told = new Map();
  for (const { index, id } of ran.client.submits.filter(isAccepted)) {
    told.set(index, new Set([...(told.get(index) ?? []), id]));
  }
  const stored = new Map();
  for (const { marker } of rows) stored.set(marker, (stored.get(marker) ?? 0) + 1);
  const bad = [
    ...[...told]
      .filter(([, ids]) => ids.size > 1)
      .map(([index, ids]) => `b${index} was told as ${[...ids].join(', ')}`),
    ...[...stored]
      .filter(([, count]) => count > 1)
      .map(([marker, count]) => `${marker} is stored ${count} times`),
  ];
  const repeats = ran.client.submits.length - ran.jobs.length;
  return { said: `${told.size} keys, ${repeats} repeated requests, ${bad.length} doubled`, bad };
}

export const ACCEPTING = [
  { name: 'lost', what: 'every accepted job is there and has ended', judge: lost },
  { name: 'taken', what: 'every job is accepted at last', judge: unanswered },
  { name: 'false-202', what: 'nothing is accepted while PostgreSQL is away', judge: falseAccepts },
  {
    name: 'full-disk',
    what: 'PostgreSQL without room: a job is stored, or refused as store_unavailable, and readiness says so',
    judge: fullDisk,
  },
  { name: 'full-fast', what: 'PostgreSQL without room: 503 within 2 s', isTime: true, judge: fullFast },
  { name: 'same-key', what: 'one Idempotency-Key is one job', judge: oneKeyOneJob },
  { name: 'accept-without-redis', what: 'accepts go on without Redis', judge: acceptsWithoutRedis },
  {
    ...{ name: 'refuse-fast', what: 'without PostgreSQL 503 within 2 s', isTime: true },
    judge: refusedFast,
  },
];
