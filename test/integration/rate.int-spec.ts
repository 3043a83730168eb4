import { setTimeout as pause } from 'node:timers/promises';
import { ClaimAnswer, Database, Records, Statement } from '@longhaul/records';
import { claim, completion, freshRecords, newJob } from '../support/records';
import * as rig from './rate-rig';

const { accept, claimJob, limit, settle } = rig;

let records: Records;
let processes: Records[];

beforeEach(async () => {
  records = rig.process_(await freshRecords());
  processes = [records, rig.process_(records), rig.process_(records), rig.process_(records)];
});

const rows = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;
const claimsOf = (answers: readonly ClaimAnswer[]) => answers.filter(({ answer }) => answer === 'claimed');
const processOf = (index: number): Records => processes[index % processes.length]!;

/** Claims each of the jobs until it has it; each process asks for its own, all at once. */
async function claimAll(ids: readonly string[], onClaim: (id: string, by: Records) => Promise<void>) {
  const claimOne = async (id: string, by: Records): Promise<void> => {
    while ((await claim(by, id)).answer !== 'claimed') await pause(20);
    await onClaim(id, by);
  };
  await Promise.all(ids.map((id, index) => claimOne(id, processOf(index))));
}

describe('the limits of a credential', () => {
  it('of one request in a window: of four processes that claim at once one gets it', async () => {
    await limit(records, { requestsPerMinute: 1 });
    const ids = await Promise.all(Array.from({ length: 12 }, () => accept(records)));
    const answers = await Promise.all(ids.map((id, index) => claim(processOf(index), id)));
    expect(claimsOf(answers)).toHaveLength(1);
    const [refused] = answers.filter(({ answer }) => answer !== 'claimed');
    expect(refused).toMatchObject({ answer: 'full', scope: 'rate', first: expect.any(String) });
    expect(await rig.reservations(records)).toHaveLength(1);
  });

  it('of requests and of tokens hold in every span of the window, while calls end with less than they had reserved', async () => {
    await limit(records, { requestsPerMinute: 12, tokensPerMinute: 1000 });
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, i) => accept(records, { input: 20 + i, output: 40 + i })),
    );
    await claimAll(ids, async (id, by) => {
      const [row] = await rows(`SELECT fence FROM jobs WHERE id = '${id}'`);
      const job = { ...newJob(), id, fence: Number(row?.['fence']), leaseOwner: 'w1' };
      await settle(by, rig.ended(job as never, 20, 60));
    });
    const all = await rig.reservations(records);
    expect(all).toHaveLength(40);
    const { calls, tokens } = rig.worst(all, rig.COUNTED_MS);
    expect(calls).toBe(12);
    expect(tokens).toBeLessThanOrEqual(1000);
  }, 60_000);

  it('are reserved by estimate, a quarter more of the input and the whole output budget, as the worker clamps it', async () => {
    await limit(records, { tokensPerMinute: 1_000_000 });
    await claimJob(records, await accept(records, { input: 101, output: 50 }));
    await claimJob(records, await accept(records, { input: 0, output: 90_000 }));
    const raised = { provider: 'one', model: 'm', contextWindow: null, price: null };
    const chain = [{ ...raised, maxOutputTokens: null, minOutputTokens: 700 }] as const;
    await claimJob(records, await accept(records, { output: 50 }, { chain }));
    expect((await rig.reservations(records)).map(({ tokens }) => tokens)).toEqual([127 + 50, 8000, 700]);
  });

  it('stop a claim that does not know of them yet, and let it go on when they are lifted', async () => {
    await limit(records, {});
    await claimJob(records, await accept(records));
    expect(await rig.reservations(records)).toEqual([]);
    await limit(rig.process_(records), { requestsPerMinute: 1 });
    await claimJob(records, await accept(records));
    expect(await rig.reservations(records)).toHaveLength(1);
    const waits = await accept(records);
    expect(await claim(records, waits)).toMatchObject({ answer: 'full', scope: 'rate' });
    await limit(rig.process_(records), {});
    await claimJob(records, waits);
    await claimJob(records, await accept(records));
    expect(records.rates.isLimited('one')).toBe(false);
  });

  it('cost a lane that has none no statement more', async () => {
    await limit(records, {});
    const asked: string[] = [];
    class Counting extends Database {
      override run<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
        asked.push(statement.name);
        return super.run<Row>(statement, values);
      }
    }
    const counted = new Records(new Counting({ url: records.database.url, poolSize: 2, callMs: 10_000 }));
    const job = await claimJob(counted, await accept(records));
    await settle(counted, completion(job));
    await counted.close();
    expect(asked).toEqual(['claim_together', 'settle_together']);
  });

  it('are told when there is room again, and then there is', async () => {
    await limit(records, { tokensPerMinute: 100 });
    await claimJob(records, await accept(records, { output: 60 }));
    await pause(200);
    await claimJob(records, await accept(records, { output: 30 }));
    const waits = await accept(records, { output: 50 });
    const answer = await claim(records, waits);
    const { afterMs } = answer as { afterMs: number };
    expect(afterMs).toBeGreaterThan(0);
    expect(afterMs).toBeLessThanOrEqual(rig.COUNTED_MS - 200);
    await pause(afterMs + 5);
    await claimJob(records, waits);
  });

  it('leave nothing reserved where the claim gets no slot, and its own writes stand', async () => {
    await limit(records, { requestsPerMinute: 10, tokensPerDay: 1000 }, 1);
    await claimJob(records, await accept(records, { output: 10 }));
    const waits = await accept(records, { output: 10 });
    expect(await claim(records, waits)).toEqual({ answer: 'full', scope: 'provider' });
    expect(await rig.reservations(records)).toHaveLength(1);
    expect(await rig.usedToday(records)).toBe(10);
    expect(await rows(`SELECT refused FROM lanes WHERE name = 'one'`)).toEqual([{ refused: 1 }]);
  });

  it('are not asked for a ticket that is void', async () => {
    await limit(records, { requestsPerMinute: 1 });
    const id = await accept(records);
    await claimJob(records, id);
    expect(await claim(records, id)).toEqual({ answer: 'stale', why: 'held' });
    expect(await claim(records, id, { ring: 9 })).toEqual({ answer: 'stale', why: 'other_ring' });
    expect(await claim(records, 'job_unknown')).toEqual({ answer: 'stale', why: 'unknown' });
  });
});

describe('a job that needs much', () => {
  it('is not overtaken for ever by small ones: who finds no room is first in line', async () => {
    await limit(records, { tokensPerMinute: 100 });
    await claimJob(records, await accept(records, { output: 50 }));
    const large = await accept(records, { output: 80 });
    expect(await claim(records, large)).toMatchObject({ scope: 'rate', first: large });
    const small = await accept(records, { output: 1 });
    for (const by of processes)
      expect(await claim(by, small)).toMatchObject({ answer: 'full', scope: 'rate', first: large });
    await pause(rig.COUNTED_MS);
    expect(await claim(records, small)).toMatchObject({ scope: 'rate', first: large });
    await claimJob(processOf(1), large);
    await claimJob(processOf(2), small);
  });

  it('holds nobody up once it has left the line by being cancelled', async () => {
    await limit(records, { tokensPerMinute: 100 });
    await claimJob(records, await accept(records, { output: 50 }));
    const large = await accept(records, { output: 80 });
    await claim(records, large);
    await records.jobs.cancel(large, 'local');
    await claimJob(records, await accept(records, { output: 1 }));
  });

  it('and more than the limit reserves all of it, and runs alone in its window', async () => {
    await limit(records, { tokensPerMinute: 100 });
    const small = await accept(records, { output: 1 });
    const giant = await accept(records, { input: 4000, output: 5000 });
    await claimJob(records, giant);
    expect((await rig.reservations(records)).map(({ tokens }) => tokens)).toEqual([100]);
    const refused = await claim(records, small);
    expect(refused).toMatchObject({ answer: 'full', scope: 'rate' });
    await pause(rig.COUNTED_MS);
    await claimJob(records, small);
    const second = await accept(records, { output: 5000 });
    expect(await claim(records, second)).toMatchObject({ answer: 'full', scope: 'rate' });
    await pause(rig.COUNTED_MS);
    await claimJob(records, second);
  });
});

it('a process that stands still in the middle of a claim holds nobody up, and its reservation is not claimed with later', async () => {
  await limit(records, { requestsPerMinute: 3 });
  const [first, second] = [await accept(records), await accept(records)];
  const request = { jobId: first, ring: 1, lane: 'one', worker: 'frozen', leaseMs: 10_000 };
  const frozen = await new Promise<() => void>((resolve) => {
    void records.rates.claim({ ...request, takeOverUntil: null, yieldMs: 1 }, () => {
      return new Promise((thaw) => {
        resolve(() => {
          thaw({ answer: 'stale', why: 'raced' });
        });
      });
    });
  });
  await claimJob(processOf(1), second);
  await pause(rig.COUNTED_MS);
  await claimJob(processOf(2), first);
  const all = await rig.reservations(records);
  expect(all).toHaveLength(2);
  expect(all[1]!.atMs - all[0]!.atMs).toBeGreaterThan(rig.WINDOW_MS);
  frozen();
});
