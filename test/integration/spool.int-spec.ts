import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ticketOf } from '@longhaul/queue';
import { JobRow, Records } from '@longhaul/records';
import { claimed, completion, freshRecords, newJob } from '../support/records';
import { RunnerRig, runnerOver } from '../support/runner';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 3 }], 10);
});

/** A job whose worker has spooled its answer and died: the lease ran out. */
async function orphaned({ spool }: RunnerRig): Promise<JobRow> {
  const accepted = (await records.accepts.accept(newJob({}))).row;
  const job = await claimed(records, accepted.id, { leaseMs: -1 });
  await spool.write(completion(job));
  return job;
}

const damage = (folder: string, change: (text: string) => string): void => {
  const [name = ''] = readdirSync(folder).filter((each) => each.endsWith('.log'));
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
};
const asides = async ({ metrics }: RunnerRig, why: string): Promise<boolean> =>
  (await metrics.text()).includes(`longhaul_spool_set_aside_total{why="${why}"} 1`);

describe('a spooled answer', () => {
  it('is committed before a claim is asked for, and costs no call', async () => {
    const dead = await runnerOver(records);
    const job = await orphaned(dead);
    expect(await dead.runner.run(ticketOf(job.id, job.ring), 'one')).toEqual({ fate: 'done' });
    expect(await records.jobs.read(job.id)).toMatchObject({ status: 'completed', fence: job.fence + 1 });
    expect(dead.calls()).toBe(0);
  });

  it('that is damaged is set aside and told of; its job is not lost', async () => {
    const rig = await runnerOver(records);
    const job = await orphaned(rig);
    damage(rig.spoolFolder, (text) => text.replace('"jobId"', '"jobXX"'));
    await rig.settler.commitAllSpooled();
    expect(readdirSync(rig.spoolFolder)).toContain(`${job.id}.${String(job.fence)}.unreadable`);
    expect(await asides(rig, 'broken')).toBe(true);
    expect((await records.jobs.read(job.id))?.status).toBe('in_progress');
    expect(await rig.spool.jobIds()).toEqual([]);
  });

  it('that is damaged, but was settled long ago, is nobody’s concern', async () => {
    const rig = await runnerOver(records);
    const job = await orphaned(rig);
    await records.settle.settle(completion(job), { takeover: true });
    damage(rig.spoolFolder, (text) => text.replace('"jobId"', '"jobXX"'));
    await rig.settler.commitAllSpooled();
    expect(readdirSync(rig.spoolFolder).filter((name) => name.endsWith('.unreadable'))).toEqual([]);
    expect(await asides(rig, 'broken')).toBe(false);
  });
});

describe('a disk that refuses', () => {
  it('keeps no answer from PostgreSQL: it is committed from memory', async () => {
    const rig = await runnerOver(records);
    const job = (await records.accepts.accept(newJob({}))).row;
    rmSync(rig.spoolFolder, { recursive: true });
    writeFileSync(rig.spoolFolder, 'no folder');
    await rig.runner.run(ticketOf(job.id, 1), 'one');
    expect((await records.jobs.read(job.id))?.status).toBe('completed');
    expect(rig.calls()).toBe(1);
    expect(rig.spool.trouble).toBe('ENOTDIR');
    expect(await rig.metrics.text()).toContain('longhaul_spool_writes_total{outcome="failed"} 1');
    rmSync(rig.spoolFolder);
    mkdirSync(rig.spoolFolder);
  });

  it('keeps no job leased whose answer PostgreSQL refuses too', async () => {
    const rig = await runnerOver(records);
    const job = await claimed(records, (await records.accepts.accept(newJob({}))).row.id);
    rmSync(rig.spoolFolder, { recursive: true });
    writeFileSync(rig.spoolFolder, 'no folder');
    const answer = completion(job);
    await rig.settler.settle({ ...answer, attempt: { ...answer.attempt, nanoUsd: 1.5 } }, job);
    expect(await records.jobs.read(job.id)).toMatchObject({ status: 'failed', leaseOwner: null });
    rmSync(rig.spoolFolder);
    mkdirSync(rig.spoolFolder);
  });
});
