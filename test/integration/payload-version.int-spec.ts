import { KnownPayloads, Records } from '@longhaul/records';
import { Fate, Ticket, ticketOf } from '@longhaul/queue';
import { Feeder } from '../../libs/jobs/src/feeder';
import { claim, claimed, freshRecords, newJob, targetOf } from '../support/records';
import { runnerOver, RunnerRig } from '../support/runner';
import { kinds, QueueRig, until } from './queue-rig';

jest.setTimeout(60_000);

let newer: Records;
let older: Records;

/** One database, read by a process of each age. */
const reading = (payloads: KnownPayloads): Records =>
  new Records(newer.database, { windowMs: 60_000 }, payloads);

beforeEach(async () => {
  newer = await freshRecords();
  older = reading({ chat: 1 });
  await newer.lanes.declare([{ name: 'one', cap: 3 }], 10);
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await newer.accepts.accept(newJob({ payloadVersion: 2, ...change }))).row;

describe('records of a process that is older than a job', () => {
  it.each([
    ['of a newer version', {}],
    ['of a type that it does not know', { type: 'poem', payloadVersion: 1 }],
    [
      'that has a key',
      { idempotency: { route: 'POST /v1/jobs', key: 'k', fingerprint: 'f' }, payloadVersion: 2 },
    ],
  ])('do not claim one %s, and say why', async (_what, change) => {
    const { id } = await accept(change);
    expect(await claim(older, id)).toEqual({ answer: 'newer' });
    expect(await newer.jobs.read(id)).toMatchObject({ status: 'queued', attempts: 0, ring: 1 });
    await claimed(reading({ chat: 2, poem: 1 }), id);
  });

  it('do not claim it in a lane with limits either, and reserve nothing', async () => {
    const limits = { requestsPerMinute: 5, tokensPerMinute: null, tokensPerDay: null };
    await newer.lanes.declare([{ name: 'one', cap: 3, limits }], 10);
    const { id } = await accept();
    expect(await claim(older, id)).toEqual({ answer: 'newer' });
    expect((await newer.database.pool.query('SELECT 1 FROM reservations')).rowCount).toBe(0);
  });

  it('answer stale for one that has ended', async () => {
    const { id } = await accept();
    await newer.jobs.cancel(id, 'local');
    expect(await claim(older, id)).toEqual({ answer: 'stale', why: 'ended' });
  });

  it('ring only what they can read, and the others after those', async () => {
    const mine = await accept({ payloadVersion: 1 });
    const theirs = await accept();
    expect(await older.feed.feed('one')).toMatchObject({ rung: [{ jobId: mine.id }] });
    expect(await newer.feed.feed('one')).toMatchObject({ rung: [{ jobId: theirs.id }] });
  });
});

describe.each(kinds)('an older and a newer worker on one lane (%s)', (kind) => {
  const rig = new QueueRig(kind);
  beforeAll(() => rig.startStore(), 30_000);
  beforeEach(async () => {
    await rig.openLane();
    await newer.lanes.declare([{ name: rig.lane, cap: 2 }], 10);
  });
  afterEach(() => rig.close(), 30_000);

  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

  /** As an API of the newer version has. */
  const startFeeder = ({ meter }: RunnerRig): Feeder => {
    const options = { lanes: [rig.lane], depth: null, ageingMs: 0, random: () => 0 };
    const feeder = new Feeder({ records: newer, dispatch: rig.dispatch, meter, log: silent }, options);
    feeder.start(() => Promise.resolve());
    return feeder;
  };

  it('the older leaves the job alone, without an attempt and without haste, and says so once', async () => {
    const lines: string[] = [];
    const log = { ...silent, warn: (line: string) => lines.push(line) };
    const old = await runnerOver(older, { log });
    const young = await runnerOver(newer);
    const feeder = startFeeder(young);
    newer.notices.start();
    let fetched = 0;
    await rig.work(async (ticket: Ticket, lane: string): Promise<Fate> => {
      fetched += 1;
      return old.runner.run(ticket, lane);
    });
    const { id } = await accept({ chain: [targetOf(rig.lane)] });
    feeder.wake(rig.lane);
    await until('the older has seen it twice', 20_000, () => fetched >= 2);
    expect(await newer.jobs.read(id)).toMatchObject({ status: 'queued', attempts: 0, deaths: 0 });
    expect(lines).toEqual([expect.stringContaining('chat of version 2')]);
    // It rests between two looks, however long it has been alone.
    expect(fetched).toBeLessThan(20);
    await rig.work((ticket, lane) => young.runner.run(ticket, lane));
    await until('the newer has run it', 20_000, () => young.calls() === 1);
    expect(old.calls()).toBe(0);
    feeder.stop();
  });
});

it('an older runner takes a ticket of a newer job for nothing of its own', async () => {
  const { runner, calls } = await runnerOver(older);
  const { id } = await accept();
  expect(await runner.run(ticketOf(id, 1), 'one')).toMatchObject({ fate: 'rest' });
  expect(await newer.jobs.read(id)).toMatchObject({ status: 'queued', attempts: 0, ring: 2, rungAt: null });
  expect(await newer.attempts.list(id)).toEqual([]);
  expect(calls()).toBe(0);
});
