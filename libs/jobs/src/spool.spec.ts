import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Settlement } from '@longhaul/records';
import { Spool } from './spool';

const settlement = {
  jobId: 'job_a',
  fence: 3,
  job: { to: 'end', status: 'completed', output: { text: 'paid for' } },
} as unknown as Settlement;

describe('the spool', () => {
  let folder: string;
  let spool: Spool;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'longhaul-spool-')), 'spool');
    spool = new Spool(folder);
    await spool.prepare();
  });

  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  it('gives an answer back to any process that looks, until it is removed', async () => {
    await spool.write(settlement);
    expect(await new Spool(folder).find('job_a')).toEqual(settlement);
    expect(await new Spool(folder).jobIds()).toEqual(['job_a']);
    spool.remove(settlement);
    spool.remove(settlement);
    expect(await spool.find('job_a')).toBeNull();
  });

  it('is for its owner’s eyes only', async () => {
    await spool.write(settlement);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'job_a.3.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps the answers of two claims apart, whoever comes last, and leaves no draft behind', async () => {
    await spool.write({ ...settlement, fence: 10 });
    await spool.write(settlement);
    expect((await spool.find('job_a'))?.fence).toBe(10);
    expect(await spool.jobIds()).toEqual(['job_a']);
    spool.remove(settlement);
    expect(await readdir(folder)).toEqual(['job_a.10.json']);
  });

  it('offers an answer that was set aside to nobody, and keeps its bytes', async () => {
    await spool.write(settlement);
    await spool.setAside(settlement);
    expect(await spool.find('job_a')).toBeNull();
    expect(await readdir(folder)).toEqual(['job_a.3.json.refused']);
  });

  it('takes half a file for none, and has nothing where there is no folder', async () => {
    await writeFile(join(folder, 'job_b.1.json'), '{"jobId":"job_b",');
    expect(await spool.find('job_b')).toBeNull();
    expect(await new Spool(join(folder, 'nowhere')).jobIds()).toEqual([]);
  });

  it('leaves a young answer to its owner when asked for older ones', async () => {
    await spool.write(settlement);
    await spool.write({ ...settlement, jobId: 'job_old' });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(folder, 'job_old.3.json'), longAgo, longAgo);
    expect(await spool.jobIds({ olderThanMs: 30_000 })).toEqual(['job_old']);
  });

  it('reads the folder once for all claims of a moment, and knows at once what it wrote itself', async () => {
    let nowMs = 0;
    const quick = new Spool(folder, { listingMs: 100, now: () => nowMs });
    expect(await quick.find('job_a')).toBeNull();
    await spool.write(settlement);
    await quick.write({ ...settlement, jobId: 'job_own' });
    nowMs = 99;
    expect(await quick.find('job_a')).toBeNull();
    expect((await quick.find('job_own'))?.jobId).toBe('job_own');
    nowMs = 100;
    expect((await quick.find('job_a'))?.jobId).toBe('job_a');
    quick.remove(settlement);
    expect(await quick.find('job_a')).toBeNull();
  });
});
