import { ticketOf } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { runnerOver } from '../support/runner';
import {
  acceptMany,
  acceptOne,
  circuitsOf,
  claimNow,
  halfOpen,
  probeOf,
  rowsOf,
  TARGET,
  twoLanes,
} from './circuit-rig';

let records: Records;

beforeEach(async () => {
  records = await twoLanes();
});

/** Who was told of as a probe that has passed; the real statement runs. */
function passedIn(watched: Records): [string, number][] {
  const told: [string, number][] = [];
  const { circuits } = watched;
  const pass = circuits.probePassed.bind(circuits);
  circuits.probePassed = async (id, fence) => {
    told.push([id, fence]);
    await pass(id, fence);
  };
  return told;
}

describe('a runner at a half-open circuit', () => {
  it('puts a job back that meets the probe of another: no call, no attempt, another ring', async () => {
    const { runner, calls } = await runnerOver(records);
    await halfOpen(records, TARGET);
    const [first, second] = await acceptMany(records, 2);
    await probeOf(records, first?.id ?? '');
    const id = second?.id ?? '';
    expect(await runner.run(ticketOf(id, 1), 'one')).toEqual({ fate: 'done' });
    expect(await records.jobs.read(id)).toMatchObject({
      ...{ status: 'queued', phase: 'waiting', attempts: 0, fence: 0, ring: 2 },
      ...{ rungAt: null, leaseOwner: null, readyAt: second?.readyAt },
    });
    expect(await records.attempts.list(id)).toEqual([]);
    expect(await rowsOf(records, `SELECT 1 FROM ledger`)).toEqual([]);
    expect(calls()).toBe(0);
  });

  it('tells once that its probe has passed, and with it the circuit is closed', async () => {
    const { runner } = await runnerOver(records);
    const told = passedIn(records);
    await halfOpen(records, TARGET);
    const job = await acceptOne(records);
    await runner.run(ticketOf(job.id, 1), 'one');
    expect(told).toEqual([[job.id, 1]]);
    expect((await records.jobs.read(job.id))?.status).toBe('completed');
    expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 0, probe: null }]);
  });

  it('closes the circuit with the first piece, while the answer goes on', async () => {
    let release = (): void => undefined;
    const mayEnd = new Promise<void>((done) => (release = done));
    const { runner } = await runnerOver(records, { mayEnd });
    await halfOpen(records, TARGET);
    const [first, second] = await acceptMany(records, 2);
    const passed = new Promise<void>((done) => {
      const { circuits } = records;
      const pass = circuits.probePassed.bind(circuits);
      circuits.probePassed = (id, fence) => pass(id, fence).finally(done);
    });
    const run = runner.run(ticketOf(first?.id ?? '', 1), 'one');
    await passed;
    expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 0, probe: null }]);
    expect((await records.jobs.read(first?.id ?? ''))?.status).toBe('in_progress');
    expect(await claimNow(records, second?.id ?? '')).toMatchObject({ answer: 'claimed', probe: false });
    release();
    await run;
  });

  it('tells nobody of a call that was no probe', async () => {
    const { runner } = await runnerOver(records);
    const told = passedIn(records);
    const job = await acceptOne(records);
    await runner.run(ticketOf(job.id, 1), 'one');
    expect((await records.jobs.read(job.id))?.status).toBe('completed');
    expect(told).toEqual([]);
  });
});
