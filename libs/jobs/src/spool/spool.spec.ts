import { appendFile, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOf, settlement, SpoolRig } from './spool.fixtures';

const rig = new SpoolRig();
beforeEach(() => rig.begin());
afterEach(() => rig.end());

describe('the spool', () => {
  it('gives an answer back to its writer and to any process that looks, until it is removed', async () => {
    const spool = rig.spool();
    await spool.write(settlement);
    expect(await answerOf(spool, 'job_a')).toEqual(settlement);
    expect(await answerOf(rig.spool(), 'job_a')).toEqual(settlement);
    expect(await rig.spool().jobIds()).toEqual(['job_a']);
    spool.remove(settlement);
    spool.remove(settlement);
    expect(await spool.find('job_a')).toBeNull();
    expect(spool.count()).toBe(0);
  });

  it('is for its owner’s eyes only', async () => {
    await rig.spool().write(settlement);
    expect((await stat(rig.folder)).mode & 0o777).toBe(0o700);
    const [name = ''] = await rig.logs();
    expect((await stat(join(rig.folder, name))).mode & 0o777).toBe(0o600);
  });

  it('flushes what comes at once together, and keeps each answer apart', async () => {
    const spool = rig.spool();
    const many = Array.from({ length: 50 }, (_, index) => ({ ...settlement, jobId: `job_${index}` }));
    await Promise.all(many.map((each) => spool.write(each)));
    expect(await rig.logs()).toHaveLength(1);
    const other = rig.spool();
    expect((await other.jobIds()).sort()).toEqual(many.map(({ jobId }) => jobId).sort());
    for (const each of many) expect(await answerOf(other, each.jobId)).toEqual(each);
  });

  it('keeps the answers of two claims apart, whoever comes last', async () => {
    const spool = rig.spool();
    await spool.write({ ...settlement, fence: 10 });
    await spool.write(settlement);
    expect((await answerOf(spool, 'job_a'))?.fence).toBe(10);
    spool.remove({ jobId: 'job_a', fence: 10 });
    expect((await answerOf(spool, 'job_a'))?.fence).toBe(3);
  });

  it('outlives its writer: what a dead process had not settled, the next one finds', async () => {
    const dead = rig.spool();
    await dead.write(settlement);
    await dead.write({ ...settlement, jobId: 'job_b' });
    const next = rig.spool();
    expect((await next.jobIds()).sort()).toEqual(['job_a', 'job_b']);
    next.remove(settlement);
    expect(await next.jobIds()).toEqual(['job_b']);
    await dead.write({ ...settlement, jobId: 'job_c' });
    expect((await next.jobIds()).sort()).toEqual(['job_b', 'job_c']);
  });

  it('takes half a line for none, and reads it once it is whole', async () => {
    await rig.spool().write(settlement);
    const [name = ''] = await rig.logs();
    const whole = (await readFile(join(rig.folder, name), 'utf8')).replaceAll('job_a', 'job_b');
    const reader = rig.spool();
    await appendFile(join(rig.folder, name), whole.slice(0, 40));
    expect(await reader.jobIds()).toEqual(['job_a']);
    await appendFile(join(rig.folder, name), whole.slice(40));
    expect(await answerOf(reader, 'job_b')).toEqual({ ...settlement, jobId: 'job_b' });
  });

  it('fails the write that the disk refuses, and the next one stands in another file', async () => {
    const spool = rig.spool();
    await rm(rig.folder, { recursive: true });
    await expect(spool.write(settlement)).rejects.toThrow('ENOENT');
    await spool.prepare();
    await spool.write(settlement);
    expect(await answerOf(rig.spool(), 'job_a')).toEqual(settlement);
  });

  it('has nothing where there is no folder', async () => {
    await rm(rig.folder, { recursive: true });
    expect(await rig.spool().jobIds()).toEqual([]);
    await rig.spool().prepare();
  });

  it('offers an answer that was set aside to nobody, and keeps its bytes', async () => {
    const spool = rig.spool();
    await spool.write(settlement);
    expect(await spool.setAside(settlement)).toBe('job_a.3.refused');
    expect(await spool.find('job_a')).toBeNull();
    const kept = await readFile(join(rig.folder, 'job_a.3.refused'), 'utf8');
    expect(JSON.parse(kept.slice(kept.indexOf('{')))).toEqual(settlement);
    expect(rig.counted).toEqual(['written', 'refused']);
  });

  it('leaves a young answer to its owner when asked for older ones', async () => {
    await rig.spool().write(settlement);
    expect(await rig.spool().jobIds({ olderThanMs: 60_000 })).toEqual([]);
    expect(await rig.spool().jobIds({ olderThanMs: -1 })).toEqual(['job_a']);
  });
});

describe('a log of the spool', () => {
  it('goes with its last answer once another is begun', async () => {
    const spool = rig.spool();
    await spool.write(settlement);
    const [first] = await rig.logs();
    rig.nowMs = 1000;
    await spool.write({ ...settlement, jobId: 'job_b' });
    expect(await rig.logs()).toHaveLength(2);
    spool.remove(settlement);
    await spool.close();
    expect(await rig.logs()).not.toContain(first);
  });

  it('is gone after the farewell of a process that has settled everything', async () => {
    const spool = rig.spool();
    await spool.write(settlement);
    spool.remove(settlement);
    await spool.close();
    expect(await readdir(rig.folder)).toEqual([]);
  });

  it('of a dead process goes when nothing in it is open and nobody can still be writing it', async () => {
    await rig.spool().write(settlement);
    const [name = ''] = await rig.logs();
    const next = rig.spool();
    await next.jobIds();
    next.remove(settlement);
    await next.jobIds();
    expect(await rig.logs()).toEqual([name]);
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(rig.folder, name), longAgo, longAgo);
    await next.jobIds();
    expect(await rig.logs()).toEqual([]);
  });

  it('of another process is looked into once for all claims of a moment', async () => {
    const quick = rig.spool({ listingMs: 100 });
    expect(await quick.find('job_a')).toBeNull();
    await rig.spool().write(settlement);
    await quick.write({ ...settlement, jobId: 'job_own' });
    rig.nowMs = 99;
    expect(await quick.find('job_a')).toBeNull();
    expect((await answerOf(quick, 'job_own'))?.jobId).toBe('job_own');
    rig.nowMs = 100;
    expect((await answerOf(quick, 'job_a'))?.jobId).toBe('job_a');
  });
});
