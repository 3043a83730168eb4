import { JobRow, Records } from '@longhaul/records';
import { claim, claimed, completion, freshRecords, newJob, retry, targetOf } from '../support/records';
import { growing } from './circuit-rig';

let records: Records;
/** Three claims of the lane `one`, which are all that the total cap lets through. */
let running: readonly JobRow[];
/** Rung in the lane `two`, and refused. */
let waiting: { readonly id: string };

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const query = (text: string) => records.database.pool.query(text);
const ofTwo = { lane: 'two' };

/** A slot is free again, once. */
async function endOne(): Promise<void> {
  const [first] = running;
  if (first) await records.settle.settle(completion(first));
}

const askForOne = async () => (await claim(records, (await accept()).id)).answer;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare(
    ['one', 'two'].map((name) => ({ name, cap: 3 })),
    3,
  );
  running = await Promise.all([0, 1, 2].map(async () => claimed(records, (await accept()).id)));
  waiting = await accept({ chain: [targetOf('two')] });
  await records.feed.feed('two');
  expect(await claim(records, waiting.id, ofTwo)).toEqual({ answer: 'full', scope: 'total' });
});

describe('a lane that was refused a total slot', () => {
  it('makes a lane that holds more of them yield, until it has its own', async () => {
    await endOne();
    const greedy = await accept();
    expect(await claim(records, greedy.id)).toEqual({ answer: 'full', scope: 'total' });
    await claimed(records, waiting.id, ofTwo);
    // Its wish is granted: though it holds fewer than the other lane, nobody yields to it any more.
    await records.lanes.declare([], 4);
    await claimed(records, greedy.id);
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      'its stamp is old',
      () => query(`UPDATE lanes SET wants_total_at = wants_total_at - interval '3 seconds'`),
    ],
    ['its job is cancelled', () => records.jobs.cancel(waiting.id, 'local')],
    ['it is turned off', () => query(`UPDATE lanes SET override_cap = 0 WHERE name = 'two'`)],
    ...['target:two/m', 'credential:two', 'provider:two'].map((scope): [string, () => Promise<unknown>] => [
      `${scope} cools`,
      async () => {
        await endOne();
        const failing = await claimed(records, waiting.id, ofTwo);
        const left = await accept({ chain: [targetOf('two')] });
        await records.feed.feed('two');
        expect(await claim(records, left.id, ofTwo)).toMatchObject({ answer: 'full' });
        await records.settle.settle(retry(failing, growing({ scope, forMs: 60_000 })));
      },
    ]),
  ])('makes nobody yield once %s', async (_, end) => {
    await end();
    await endOne();
    expect(await askForOne()).toBe('claimed');
  });

  it('makes others yield for a job of another model than the one that cools', async () => {
    await query(
      `INSERT INTO cooldowns (scope, until, code) VALUES ('target:two/n', now() + interval '1 minute', 'timeout')`,
    );
    await accept({ chain: [targetOf('two', 'n')] });
    await records.feed.feed('two');
    await endOne();
    expect(await askForOne()).toBe('full');
  });
});
