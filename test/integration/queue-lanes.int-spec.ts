import { CrashSwitch } from '@longhaul/contract';
import { Dispatch, ticketOf, TicketHandler } from '@longhaul/queue';
import { bells, DONE, kinds, latch, QueueRig, until } from './queue-rig';

describe.each(kinds)('lanes over %s', (kind) => {
  const rig = new QueueRig(kind);

  beforeAll(() => rig.startStore(), 60_000);
  beforeEach(() => rig.openLane());
  afterEach(() => rig.close());

  it('hand a rung ticket to one worker, once', async () => {
    const seen: string[] = [];
    const handle: TicketHandler = async (ticket) => {
      seen.push(`${ticket.jobId}/${ticket.ring}`);
      return DONE;
    };
    await rig.work(handle);
    await rig.work(handle);
    await rig.dispatch.ring(rig.lane, bells(20));
    await until('20 tickets handled', 5000, () => seen.length >= 20);
    await expect(rig.dispatch.waiting(rig.lane)).resolves.toBe(0);
    expect(new Set(seen).size).toBe(20);
    expect(seen).toHaveLength(20);
  }, 20_000);

  it('take the same bell rung twice for one, a new bell of the job for another', async () => {
    await rig.dispatch.ring(rig.lane, [ticketOf('job_a', 1)]);
    await rig.dispatch.ring(rig.lane, [ticketOf('job_a', 1), ticketOf('job_b', 1)]);
    await expect(rig.dispatch.waiting(rig.lane)).resolves.toBe(2);
    const seen: string[] = [];
    await rig.work(async (ticket) => {
      seen.push(`${ticket.jobId}/${ticket.ring}`);
      return DONE;
    });
    await until('both handled', 5000, () => seen.length === 2);
    await rig.dispatch.ring(rig.lane, [ticketOf('job_a', 2)]);
    await until('the new bell handled', 5000, () => seen.length === 3);
    expect([...seen].sort()).toEqual(['job_a/1', 'job_a/2', 'job_b/1']);
  }, 20_000);

  it('have a ticket that they took, though nobody heard so and the ring was rejected', async () => {
    const effects = { say: () => undefined, signal: () => undefined };
    const lost = new CrashSwitch({ point: 'after:ring', mode: 'timeout', visit: 1 }, effects);
    const dispatch = new Dispatch(rig.backEnd, { warn: () => undefined, error: () => undefined }, lost);
    const unheard = { code: 'store_unavailable', message: expect.stringContaining('no answer was heard') };
    await expect(dispatch.ring(rig.lane, [ticketOf('job_a', 1)])).rejects.toMatchObject(unheard);
    await expect(dispatch.waiting(rig.lane)).resolves.toBe(1);
    await dispatch.ring(rig.lane, [ticketOf('job_a', 1)]);
    await expect(dispatch.waiting(rig.lane)).resolves.toBe(1);
  });

  it('forget a handled ticket, so that its bell can be rung again', async () => {
    let handled = 0;
    const worker = await rig.work(async () => {
      handled += 1;
      return DONE;
    });
    for (const round of [1, 2, 3]) {
      await until('the ticket before is acknowledged', 5000, () => worker.stats()[rig.lane]?.active === 0);
      await ringUntil(() => handled === round);
    }
    expect(handled).toBe(3);
  }, 20_000);

  /** The acknowledgement follows the handler's end by a round trip, and until then the bell is a repeated one. */
  async function ringUntil(heard: () => boolean): Promise<void> {
    const givesUpAt = performance.now() + 5000;
    while (!heard()) {
      if (performance.now() > givesUpAt) throw new Error('the bell was not heard again');
      await rig.dispatch.ring(rig.lane, [ticketOf('job_again', 1)]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('carry on after a handler that throws, and do not hand its ticket out again', async () => {
    const seen: string[] = [];
    const worker = await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      if (jobId === 'job_0') throw new Error('broken');
      return DONE;
    }, 1);
    await rig.dispatch.ring(rig.lane, bells(2));
    await until('both handled', 5000, () => seen.length === 2);
    expect(seen).toEqual(['job_0', 'job_1']);
    expect(worker.stats()[rig.lane]).toMatchObject({ faults: 1, handled: 1 });
  }, 20_000);

  it('drop what is no ticket, and a ticket of a newer version', async () => {
    const seen: string[] = [];
    const worker = await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      return DONE;
    }, 1);
    await rig.backEnd.queue(rig.lane).add('ticket', { anything: 'else' }, { removeOnComplete: true });
    await rig.backEnd.queue(rig.lane).add('ticket', { v: 2 }, { removeOnComplete: true });
    await rig.dispatch.ring(rig.lane, [ticketOf('job_a', 1)]);
    await until('the good one handled', 5000, () => seen.length === 1);
    expect(worker.stats()[rig.lane]?.dropped).toBe(2);
  }, 20_000);

  it('hold a lane in every worker, and go on when the hold is over', async () => {
    const holdMs = 1500;
    const calls: { jobId: string; atMs: number }[] = [];
    let isFull = true;
    // Full until the test says otherwise: in PostgreSQL a fetch that is under way when the hold is set may still
    // bring the ticket back once (BullMQ's limit check and its claim are two statements).
    const handle: TicketHandler = async ({ jobId }) => {
      calls.push({ jobId, atMs: performance.now() });
      return isFull ? { fate: 'hold', forMs: holdMs } : DONE;
    };
    await rig.work(handle, 3);
    await rig.work(handle, 3);
    await rig.dispatch.ring(rig.lane, [ticketOf('job_held', 1)]);
    await until('the lane is held', 5000, () => calls.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    isFull = false;
    const before = calls.length;
    // A process that starts now has never been told "full" itself.
    await rig.work(handle, 3);
    const heldAtMs = calls[before - 1]!.atMs;
    await rig.dispatch.ring(
      rig.lane,
      bells(8).map((ticket) => ({ ...ticket, jobId: `${ticket.jobId}_later` })),
    );
    await until('all handled', 6000, () => calls.length === before + 9);
    const after = calls.slice(before).map(({ atMs }) => atMs - heldAtMs);
    expect(before).toBeLessThan(4);
    expect(Math.min(...after)).toBeGreaterThan(holdMs - 50);
    expect(Math.min(...after)).toBeLessThan(holdMs + 1000);
  }, 20_000);

  it('resume a held lane while another ticket of it still runs', async () => {
    const long = latch();
    const seen: string[] = [];
    await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      if (jobId === 'job_long') await long.opened;
      const isFirst = seen.filter((id) => id === jobId).length === 1;
      return jobId === 'job_full' && isFirst ? { fate: 'hold', forMs: 300 } : DONE;
    });
    await rig.dispatch.ring(rig.lane, [ticketOf('job_long', 1)]);
    await until('the long one runs', 5000, () => seen.includes('job_long'));
    await rig.dispatch.ring(rig.lane, [ticketOf('job_full', 1)]);
    await until('the held one came again', 3000, () => seen.filter((id) => id === 'job_full').length === 2);
    long.open();
  }, 20_000);

  it('never run more than the fetch limit over two workers, and reach it', async () => {
    await rig.dispatch.setFetchLimit(rig.lane, 3);
    let running = 0;
    let most = 0;
    let ended = 0;
    const handle: TicketHandler = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 60));
      running -= 1;
      ended += 1;
      return DONE;
    };
    await rig.work(handle, 10);
    await rig.work(handle, 10);
    await rig.dispatch.ring(rig.lane, bells(30));
    await until('30 handled', 15_000, () => ended === 30);
    expect(most).toBe(3);
  }, 30_000);

  it('do not spin while a lane is at its fetch limit', async () => {
    await rig.dispatch.setFetchLimit(rig.lane, 1);
    const long = latch();
    let started = 0;
    await rig.work(async () => {
      started += 1;
      await long.opened;
      return DONE;
    }, 10);
    await rig.dispatch.ring(rig.lane, bells(4));
    await until('one runs', 5000, () => started === 1);
    const before = rig.fetches;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(rig.fetches - before).toBeLessThan(20);
    expect(started).toBe(1);
    long.open();
    await until('the rest follow', 5000, () => started === 4);
  }, 20_000);
});
