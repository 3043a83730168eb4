import { Lanes, TicketHandler, ticketOf } from '@longhaul/queue';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bells, DONE, kinds, latch, LEASE_MS, QueueRig, until } from './queue-rig';

describe.each(kinds)("lanes' workers over %s", (kind) => {
  const rig = new QueueRig(kind);

  beforeAll(() => rig.startStore(), 60_000);
  beforeEach(() => rig.openLane());
  afterEach(() => rig.close());

  it('use a raised concurrency at once, although every ticket in hand is long', async () => {
    const long = latch();
    let started = 0;
    const worker = await rig.work(async () => {
      started += 1;
      await long.opened;
      return DONE;
    }, 1);
    await rig.dispatch.ring(rig.lane, bells(3));
    await until('one runs', 5000, () => started === 1);
    worker.setConcurrency(rig.lane, 3);
    await until('three run', 3000, () => started === 3);
    expect(worker.stats()[rig.lane]?.active).toBe(3);
    long.open();
  }, 20_000);

  it('leave waiting tickets alone after stopClaiming, and let running ones end', async () => {
    const long = latch();
    const seen: string[] = [];
    const worker = await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      await long.opened;
      return DONE;
    }, 5);
    await rig.dispatch.ring(rig.lane, [ticketOf('job_running', 1)]);
    await until('one runs', 5000, () => seen.length === 1);
    worker.stopClaiming();
    await rig.dispatch.ring(rig.lane, bells(3));
    long.open();
    await worker.close(5000);
    expect(seen).toEqual(['job_running']);
    await expect(rig.dispatch.waiting(rig.lane)).resolves.toBe(3);
    const others: string[] = [];
    await rig.work(async ({ jobId }) => {
      others.push(jobId);
      return DONE;
    });
    await until('another worker took them', 5000, () => others.length === 3);
    expect(others.sort()).toEqual(['job_0', 'job_1', 'job_2']);
  }, 20_000);

  it('close within the grace although a handler never ends, and abort its signal', async () => {
    let signalled: AbortSignal | null = null;
    const worker = await rig.work(async (_ticket, _lane, signal) => {
      signalled = signal;
      return new Promise(() => undefined);
    });
    await rig.dispatch.ring(rig.lane, bells(1));
    await until('it runs', 5000, () => signalled !== null);
    const startedAt = performance.now();
    await worker.close(200);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(signalled!.aborted).toBe(true);
  }, 20_000);

  it('hand the ticket of a killed process to another within a lock, two looks and a second', async () => {
    const script = path.join(__dirname, 'queue-worker.child.mjs');
    const child = spawn(process.execPath, [script, rig.kind, rig.url, rig.lane, String(LEASE_MS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
    const exited = once(child, 'exit');
    try {
      await until('the child is ready', 20_000, () => said.includes('ready'));
      await rig.dispatch.ring(rig.lane, [ticketOf('job_orphan', 1)]);
      await until('the child has it', 5000, () => said.includes('handling job_orphan'));
      const seen: string[] = [];
      await rig.work(async ({ jobId }) => {
        seen.push(jobId);
        return DONE;
      });
      child.kill('SIGKILL');
      await exited;
      await until('redelivery', 0.8 * LEASE_MS + 2 * 0.2 * LEASE_MS + 1000, () => seen.length === 1);
      expect(seen).toEqual(['job_orphan']);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  }, 40_000);

  it('keep the ticket of a slow handler, far beyond its lock', async () => {
    const seen: string[] = [];
    const handle: TicketHandler = async ({ jobId }) => {
      seen.push(jobId);
      await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
      return DONE;
    };
    const first = await rig.work(handle);
    const second = await rig.work(handle);
    await rig.dispatch.ring(rig.lane, [ticketOf('job_slow', 1)]);
    await until('it ended', 4 * LEASE_MS, () => ended(first) + ended(second) === 1);
    expect(seen).toEqual(['job_slow']);
  }, 20_000);

  const ended = (worker: Lanes): number => worker.stats()[rig.lane]?.handled ?? 0;
});
