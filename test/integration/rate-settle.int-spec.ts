import { CallTrace, UpstreamLimits } from '@longhaul/contract';
import { Records } from '@longhaul/records';
import { claim, freshRecords, newJob, targetOf } from '../support/records';
import { runnerOver } from '../support/runner';
import * as rig from './rate-rig';

const { accept, claimJob, limit, settle } = rig;

let records: Records;

beforeEach(async () => {
  records = rig.process_(await freshRecords());
});

const sql = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;
const tokens = async () => (await rig.reservations(records)).map((reservation) => reservation.tokens);
const laneOf = async () => (await records.figures.limits()).find(({ lane }) => lane === 'one');
const traceOf = (trace: Partial<CallTrace>): CallTrace => ({ phase: 'mid_answer', totalMs: 1, ...trace });

/** An answer whose headers say this of the limits. */
async function answerWith(limits: UpstreamLimits): Promise<void> {
  const job = await claimJob(records, await accept(records));
  await settle(records, rig.endedAs(job, { trace: traceOf({ limits }) }));
}

describe('what a call has used takes the place of what was reserved', () => {
  beforeEach(() => limit(records, { requestsPerMinute: 50, tokensPerMinute: 500, tokensPerDay: 10_000 }));

  it('when it was less: the room is there at once, and the day has the difference back', async () => {
    const job = await claimJob(records, await accept(records, { output: 400 }));
    const waits = await accept(records, { output: 400 });
    expect(await claim(records, waits)).toMatchObject({ answer: 'full', scope: 'rate' });
    await settle(records, rig.ended(job, 30, 20));
    expect([await tokens(), await rig.usedToday(records)]).toEqual([[50], 50]);
    await claimJob(records, waits);
    expect([await tokens(), await rig.usedToday(records)]).toEqual([[50, 400], 450]);
  });

  it('when it was more: the next one waits for that too', async () => {
    const job = await claimJob(records, await accept(records, { output: 100 }));
    await settle(records, rig.ended(job, 400, 90));
    expect([await tokens(), await rig.usedToday(records)]).toEqual([[490], 490]);
    expect(await claim(records, await accept(records, { output: 20 }))).toMatchObject({ scope: 'rate' });
  });

  it('once, however often it is told', async () => {
    const job = await claimJob(records, await accept(records, { output: 100 }));
    for (let told = 0; told < 3; told++) await records.rates.settle(rig.TARGET, rig.ended(job, 10, 10));
    expect([await tokens(), await rig.usedToday(records)]).toEqual([[20], 20]);
  });

  it('when it was not sent: as if it had never been; when it was refused: the request counts; when nobody knows: all of it', async () => {
    const claimed = async () => claimJob(records, await accept(records, { output: 100 }));
    const [unsent, refused, unknown] = [await claimed(), await claimed(), await claimed()];
    await settle(records, rig.endedAs(unsent, { call: 'not_sent', usage: null }));
    expect([await tokens(), await rig.usedToday(records)]).toEqual([[100, 100], 200]);
    const trace = traceOf({ phase: 'before_headers', upstreamStatus: 401 });
    await settle(records, rig.endedAs(refused, { call: 'answered', usage: null, trace }));
    await settle(records, rig.endedAs(unknown, { call: 'unknown', usage: null }));
    expect([await tokens(), await rig.usedToday(records)]).toEqual([[0, 100], 100]);
  });

  it('of the day on which it was reserved', async () => {
    const job = await claimJob(records, await accept(records, { output: 100 }));
    await sql(`UPDATE reservations SET at = at - interval '1 day'`);
    await sql(`UPDATE usage_days SET day = day - 1`);
    await settle(records, rig.ended(job, 10, 20));
    expect(await sql(`SELECT tokens FROM usage_days`)).toEqual([{ tokens: 30 }]);
    expect(await rig.usedToday(records)).toBe(0);
  });
});

describe('the tokens of a day', () => {
  const midnight = (): number => Math.floor(Date.now() / 86_400_000 + 1) * 86_400_000;
  const used = (count: number) =>
    sql(
      `INSERT INTO usage_days VALUES ('one:key', (statement_timestamp() AT TIME ZONE 'UTC')::date, ${String(count)})`,
    );

  beforeEach(() => limit(records, { tokensPerDay: 1000 }));

  it('bar a job that needs more than is left until midnight of UTC, and it alone', async () => {
    await used(900);
    const answer = await claim(records, await accept(records, { output: 200 }));
    expect(answer).toEqual({ answer: 'barred', until: new Date(midnight()), code: 'quota_exhausted' });
    await claimJob(records, await accept(records, { output: 100 }));
    expect(await sql('SELECT * FROM cooldowns')).toEqual([]);
  });

  it('are waited for while a running call may give them back', async () => {
    const job = await claimJob(records, await accept(records, { output: 900 }));
    const waits = await accept(records, { output: 200 });
    expect(await claim(records, waits)).toMatchObject({ answer: 'full', scope: 'rate', first: waits });
    await settle(records, rig.ended(job, 10, 10));
    await claimJob(records, waits);
  });

  it('of yesterday do not count', async () => {
    await used(1000);
    await sql(`UPDATE usage_days SET day = day - 1`);
    await claimJob(records, await accept(records, { output: 1000 }));
  });

  it('send a job to its next rung, and one that has none to the next day', async () => {
    await records.lanes.declare([{ name: 'two', cap: 5 }], 100);
    await used(1000);
    const { runner } = await runnerOver(records);
    const chain = [targetOf('one'), targetOf('two')] as const;
    const goes = await accept(records, { output: 10 }, { chain: [...chain] });
    const waits = await accept(records, { output: 10 }, { deadlineMs: 172_800_000 });
    const ends = await accept(
      records,
      { output: 10 },
      { deadlineMs: Math.ceil((midnight() - Date.now()) / 2) },
    );
    for (const jobId of [goes, waits, ends]) {
      expect(await runner.run({ jobId, ring: 1, v: 1 }, 'one')).toEqual({ fate: 'done' });
    }
    const state = async (id: string) => records.jobs.read(id);
    expect(await state(goes)).toMatchObject({ provider: 'two', status: 'queued', attempts: 0 });
    expect(await state(waits)).toMatchObject({
      provider: 'one',
      status: 'queued',
      readyAt: new Date(midnight()),
    });
    expect(await state(ends)).toMatchObject({ status: 'failed', error: { code: 'quota_exhausted' } });
  });
});

describe('what a provider’s headers say of its limits', () => {
  it('tightens what is configured, and never loosens it', async () => {
    await limit(records, { requestsPerMinute: 10, tokensPerMinute: 1000 });
    await answerWith({ requests: { limit: 100 }, tokens: { limit: 5000 } });
    expect(await laneOf()).toMatchObject({ requestsPerMinute: { configured: 10, seen: null } });
    await answerWith({ requests: { limit: 3 }, tokens: { limit: 600 } });
    expect(await laneOf()).toMatchObject({
      requestsPerMinute: { configured: 10, seen: 3, used: 2 },
      tokensPerMinute: { configured: 1000, seen: 600, used: 30 },
    });
    await answerWith({ requests: { limit: 5 } });
    expect(await claim(records, await accept(records))).toMatchObject({ answer: 'full', scope: 'rate' });
  });

  it('is written when it changes, and forgotten after ten minutes or with the key', async () => {
    await limit(records, { requestsPerMinute: 10 });
    await answerWith({ requests: { limit: 3 } });
    const written = await sql(`SELECT limits_seen_at FROM lanes WHERE name = 'one'`);
    await answerWith({ requests: { limit: 4 } });
    expect(await sql(`SELECT limits_seen_at FROM lanes WHERE name = 'one'`)).toEqual(written);
    await sql(`UPDATE lanes SET limits_seen_at = limits_seen_at - interval '10 minutes' WHERE name = 'one'`);
    expect((await laneOf())?.requestsPerMinute.seen).toBeNull();
    await answerWith({ requests: { limit: 6 } });
    expect((await laneOf())?.requestsPerMinute.seen).toBe(6);
    const limits = rig.limitsOf({ requestsPerMinute: 10 });
    await records.lanes.declare([{ name: 'one', cap: 50, credential: 'one:other', limits }], 100);
    expect((await laneOf())?.requestsPerMinute).toEqual({ configured: 10, seen: null, used: 0 });
  });

  it.each([
    ['a lane with limits', { requestsPerMinute: 10 }],
    ['a lane without any', {}],
  ])('holds %s back when nothing is left, until it is whole again; that is no strike', async (_, limits) => {
    await limit(records, limits);
    await answerWith({ requests: { limit: 60, remaining: 1, resetMs: 90_000 } });
    expect(await sql('SELECT * FROM cooldowns')).toEqual([]);
    await answerWith({ requests: { limit: 60, remaining: 0, resetMs: 90_000 }, tokens: { remaining: 5 } });
    expect(await sql('SELECT scope, code, strikes FROM cooldowns')).toEqual([
      { scope: 'target:one/m', code: 'rate_limited', strikes: 0 },
    ]);
    const left = await sql(
      `SELECT extract(epoch FROM until - clock_timestamp())::float8 AS s FROM cooldowns`,
    );
    expect(left[0]?.['s']).toBeGreaterThan(60);
    expect(left[0]?.['s']).toBeLessThanOrEqual(90);
  });
});

it('a boot says which limits it has changed', async () => {
  expect(await limit(records, { requestsPerMinute: 10 })).toEqual([]);
  expect(await limit(records, { requestsPerMinute: 10 })).toEqual([]);
  expect(await limit(records, { tokensPerDay: 3_000_000_000 })).toEqual([
    {
      ...{ name: 'one', cap: 50, before: 50 },
      limits: rig.limitsOf({ tokensPerDay: 3_000_000_000 }),
      limitsBefore: rig.limitsOf({ requestsPerMinute: 10 }),
    },
  ]);
});

it('what nobody counts any more is cleared away', async () => {
  await limit(records, { requestsPerMinute: 10 });
  await records.accepts.accept(newJob());
  await claimJob(records, await accept(records));
  await claimJob(records, await accept(records));
  await sql(
    `UPDATE reservations SET at = at - interval '25 hours' WHERE job_id = (SELECT min(job_id) FROM reservations)`,
  );
  await sql(`INSERT INTO usage_days VALUES ('one:key', current_date - 40, 5)`);
  expect(await records.rates.purge()).toBe(false);
  expect(await rig.reservations(records)).toHaveLength(1);
  expect(await sql('SELECT 1 FROM usage_days')).toHaveLength(1);
});
