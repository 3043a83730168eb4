import { setTimeout as pause } from 'node:timers/promises';
import { Decision } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { Ticket } from '@longhaul/queue';
import { Database, Records } from '@longhaul/records';
import { Admission } from '../../libs/jobs/src/admission';
import { Feeder } from '../../libs/jobs/src/feeder';
import { RoadMeter } from '../../libs/jobs/src/road-meter';
import { until } from '../support/longhaul';
import { freshRecords, newJob } from '../support/records';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const OPTIONS = { lanes: ['one'], depth: null, ageingMs: 0, random: () => 0 };

describe('a notice that a lane has something to ring', () => {
  let here: Records;
  let there: Records;
  let rung: Ticket[];
  let feeder: Feeder;

  /** A process of its own as far as notices go. */
  beforeEach(async () => {
    here = await freshRecords();
    await here.lanes.declare([{ name: 'one', cap: 5 }], 10);
    there = new Records(new Database({ url: here.database.url, poolSize: 2, callMs: 5000 }));
    rung = [];
    const dispatch = {
      isUp: () => true,
      ring: (_: string, tickets: readonly Ticket[]) => Promise.resolve(void rung.push(...tickets)),
    };
    const meter = new RoadMeter(new Metrics(), { leaseMs: 1000, models: new Set() });
    feeder = new Feeder({ records: there, dispatch, meter, log: silent }, OPTIONS);
    const heard: string[] = [];
    there.notices.on('ended', (subject) => heard.push(subject));
    there.notices.start();
    feeder.start(() => Promise.resolve());
    await until('it listens', () => {
      here.notices.tell('ended', 'x');
      return Promise.resolve(heard.length > 0);
    });
  });

  afterEach(async () => {
    feeder.stop();
    await there.close();
  });

  it('has the lane fed by another process, should the one that told be unable to', async () => {
    const { row } = await here.accepts.accept(newJob());
    here.notices.tell('ready', 'one');
    await until('its ticket is rung', () => Promise.resolve(rung.some(({ jobId }) => jobId === row.id)));
  });

  it('is at once for the process that tells it', async () => {
    const { row } = await here.accepts.accept(newJob());
    const asked = jest.spyOn(there.feed, 'feed');
    there.notices.tell('ready', 'one');
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
    await until('its ticket is rung', () => Promise.resolve(rung.some(({ jobId }) => jobId === row.id)));
  });

  it('is told by a process that has accepted a job and has no queue to ring it in', async () => {
    const admission = new Admission({
      feeder: { wake: () => undefined },
      dispatch: { isUp: () => false },
      notices: here.notices,
      meter: { accepted: () => undefined, routed: () => undefined },
    });
    const job = newJob({ decision: { warnings: [] } as unknown as Decision });
    const { job: accepted } = admission.admit(job, await here.accepts.accept(job));
    await until('its ticket is rung', () => Promise.resolve(rung.some(({ jobId }) => jobId === accepted.id)));
  });

  it('asks less and less often while another process feeds the lane, and rings when that is over', async () => {
    const { row } = await here.accepts.accept(newJob());
    const other = await here.database.pool.connect();
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock(72150, hashtext('one'))`);
    const asked = jest.spyOn(there.feed, 'feed');
    feeder.wake('one');
    await pause(700);
    // At 0, 25, 75, 175, 375 and 575 ms; every 25 ms it would be 28.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(6);
    asked.mockRestore();
    // A new wake is for a new commit, which the one who feeds may not see.
    const pauses = jest.spyOn(globalThis, 'setTimeout');
    feeder.wake('one');
    await until('it is about to ask soon again', () =>
      Promise.resolve(pauses.mock.calls.some(([, ms]) => ms === 25)),
    );
    pauses.mockRestore();
    await other.query('ROLLBACK');
    other.release();
    await until('its ticket is rung', () => Promise.resolve(rung.some(({ jobId }) => jobId === row.id)));
  });
});
