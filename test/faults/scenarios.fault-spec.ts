import { Judged, judged, RUN_MS } from '../support/fault-bench';
import { backEnds } from '../support/stores';

jest.setTimeout(RUN_MS);

/** The bench has a Redis of its own: backEnds() says whether this machine has one. */
const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

/** Two workers, and a lease that a machine with other work on it can keep. */
const play = (scenario: string): Promise<Judged> =>
  judged(['--scenario', scenario, '--seed', '1', '--processes', '2', '--lease', '5']);

/** The numbers of a line that an invariant said. */
const countsIn = (said: string): number[] => [...said.matchAll(/\d+/g)].map(([digits]) => Number(digits));

/** What every scenario has to keep: the invariants, and that each job which was handed in was accepted and has ended. */
function expectNothingLost({ broken, said, stdout }: Judged, atLeast: number): void {
  expect(broken).toEqual([]);
  const [taken = 0, wanted] = countsIn(said('taken'));
  expect(taken).toBeGreaterThanOrEqual(atLeast);
  expect([taken, said('lost')]).toEqual([wanted, `${String(taken)} accepted, 0 lost`]);
  expect(stdout).toMatch(/^PASSED$/m);
}

describeRedis('a fault, with the log of the upstream as the judge', () => {
  it('of the API, each of two killed twice while jobs come in, loses no job and costs no extra call', async () => {
    const run = await play('apis-killed');
    expectNothingLost(run, 20);
    expect(run.faults).toEqual(Array.from({ length: 4 }, () => 'api-kill'));
    const [calls, extra] = countsIn(run.said('extra-calls'));
    expect([calls, extra]).toEqual([countsIn(run.said('taken'))[0], 0]);
  });

  it('of a worker frozen until its jobs run elsewhere costs one extra call for each, and its own answers come too late', async () => {
    const run = await play('worker-frozen');
    expectNothingLost(run, 12);
    expect(run.faults).toEqual(['worker-freeze']);
    const [taken = 0, fromTheLiving] = countsIn(run.said('false-takeover'));
    expect(taken).toBeGreaterThanOrEqual(6);
    expect(fromTheLiving).toBe(0);
    expect(countsIn(run.said('extra-calls'))).toEqual([12 + taken, taken, taken]);
  });

  it('of a worker cut off from PostgreSQL costs one extra call for each job that runs elsewhere, and none for an answer in its spool', async () => {
    const run = await play('worker-cut-off');
    expectNothingLost(run, 12);
    expect(run.faults).toEqual(['worker-cut-off']);
    expect(countsIn(run.said('false-takeover')).slice(0, 2)).toEqual([2, 0]);
    expect(countsIn(run.said('extra-calls'))).toEqual([14, 2, 2]);
  });
});
