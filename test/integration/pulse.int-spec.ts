import { Records } from '@longhaul/records';
import { claimed, completion, freshRecords, newJob, targetOf } from '../support/records';

// A database of its own for each, on machines of any speed.
jest.setTimeout(60_000);

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare(
    [
      { name: 'one', cap: 5 },
      { name: 'two', cap: 5 },
    ],
    10,
  );
});

const accept = async (lane = 'one'): Promise<string> =>
  (await records.accepts.accept(newJob({ chain: [targetOf(lane)] }))).row.id;

async function acceptOnLastChance(lane?: string): Promise<string> {
  const id = await accept(lane);
  await records.database.pool.query('UPDATE jobs SET deaths = 2 WHERE id = $1', [id]);
  return id;
}

const couldStart = async (lane = 'one'): Promise<boolean> =>
  (await records.pulses.lanes()).some((pulse) => pulse.lane === lane && pulse.startableSeconds !== null);

describe('whether a lane could start a job', () => {
  it('counts one on its last chance while no other such job runs: somebody must take it', async () => {
    await acceptOnLastChance();
    expect(await couldStart()).toBe(true);
    await claimed(records, await accept());
    expect(await couldStart()).toBe(true);
  });

  it('does not count one while another runs, in whatever lane: a worker spares it, as it should', async () => {
    const running = await claimed(records, await acceptOnLastChance());
    await acceptOnLastChance();
    await acceptOnLastChance('two');
    expect([await couldStart(), await couldStart('two')]).toEqual([false, false]);
    await accept('two');
    expect([await couldStart(), await couldStart('two')]).toEqual([false, true]);
    await records.settle.settle(completion(running));
    expect(await couldStart()).toBe(true);
  });
});
