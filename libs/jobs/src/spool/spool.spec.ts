import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Settlement } from '@longhaul/records';
import { Spool } from './spool';

const settlement = {
  jobId: 'job_a',
  fence: 3,
  job: { to: 'end', status: 'completed', output: { text: 'paid for\nin full: ✓' } },
} as unknown as Settlement;

let folder: string;
let nowMs: number;
const opened: Spool[] = [];

const spoolOf = (change: Partial<ConstructorParameters<typeof Spool>[1]> = {}): Spool => {
  const spool = new Spool(folder, { listingMs: 0, rotateMs: 1000, now: () => nowMs, ...change });
  opened.push(spool);
  return spool;
};
const logs = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.log'));

beforeEach(async () => {
  nowMs = 0;
  folder = join(await mkdtemp(join(tmpdir(), 'longhaul-spool-')), 'spool');
  await spoolOf().prepare();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((spool) => spool.close()));
  await rm(join(folder, '..'), { recursive: true });
});

describe('the spool', () => {
  it('gives an answer back to its writer and to any process that looks, until it is removed', async () => {
    const spool = spoolOf();
    await spool.write(settlement);
    expect(await spool.find('job_a')).toEqual(settlement);
    expect(await spoolOf().find('job_a')).toEqual(settlement);
    expect(await spoolOf().jobIds()).toEqual(['job_a']);
    spool.remove(settlement);
    spool.remove(settlement);
    expect(await spool.find('job_a')).toBeNull();
    expect(spool.count()).toBe(0);
  });

  it('is for its owner’s eyes only', async () => {
    await spoolOf().write(settlement);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const [name = ''] = await logs();
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('flushes what comes at once together, and keeps each answer apart', async () => {
    const spool = spoolOf();
    const many = Array.from({ length: 50 }, (_, index) => ({ ...settlement, jobId: `job_${index}` }));
    await Promise.all(many.map((each) => spool.write(each)));
    expect(await logs()).toHaveLength(1);
    const other = spoolOf();
    expect((await other.jobIds()).sort()).toEqual(many.map(({ jobId }) => jobId).sort());
    for (const each of many) expect(await other.find(each.jobId)).toEqual(each);
  });

  it('keeps the answers of two claims apart, whoever comes last', async () => {
    const spool = spoolOf();
    await spool.write({ ...settlement, fence: 10 });
    await spool.write(settlement);
    expect((await spool.find('job_a'))?.fence).toBe(10);
    spool.remove({ jobId: 'job_a', fence: 10 });
    expect((await spool.find('job_a'))?.fence).toBe(3);
  });

  it('outlives its writer: what a dead process had not settled, the next one finds', async () => {
    const dead = spoolOf();
    await dead.write(settlement);
    await dead.write({ ...settlement, jobId: 'job_b' });
    const next = spoolOf();
    expect((await next.jobIds()).sort()).toEqual(['job_a', 'job_b']);
    next.remove(settlement);
    expect(await next.jobIds()).toEqual(['job_b']);
    await dead.write({ ...settlement, jobId: 'job_c' });
    expect((await next.jobIds()).sort()).toEqual(['job_b', 'job_c']);
  });

  it('takes half a line for none, and reads it once it is whole', async () => {
    await spoolOf().write(settlement);
    const [name = ''] = await logs();
    const whole = (await readFile(join(folder, name), 'utf8')).replaceAll('job_a', 'job_b');
    const reader = spoolOf();
    await appendFile(join(folder, name), whole.slice(0, 40));
    expect(await reader.jobIds()).toEqual(['job_a']);
    await appendFile(join(folder, name), whole.slice(40));
    expect(await reader.find('job_b')).toEqual({ ...settlement, jobId: 'job_b' });
  });

  it('fails the write that the disk refuses, and the next one stands in another file', async () => {
    const spool = spoolOf();
    await rm(folder, { recursive: true });
    await expect(spool.write(settlement)).rejects.toThrow('ENOENT');
    await spool.prepare();
    await spool.write(settlement);
    expect(await spoolOf().find('job_a')).toEqual(settlement);
  });

  it('has nothing where there is no folder', async () => {
    await rm(folder, { recursive: true });
    expect(await spoolOf().jobIds()).toEqual([]);
    await spoolOf().prepare();
  });

  it('offers an answer that was set aside to nobody, and keeps its bytes', async () => {
    const spool = spoolOf();
    await spool.write(settlement);
    await spool.setAside(settlement);
    expect(await spool.find('job_a')).toBeNull();
    const kept = await readFile(join(folder, 'job_a.3.json.refused'), 'utf8');
    expect(JSON.parse(kept)).toEqual(settlement);
  });

  it('leaves a young answer to its owner when asked for older ones', async () => {
    await spoolOf().write(settlement);
    expect(await spoolOf().jobIds({ olderThanMs: 60_000 })).toEqual([]);
    expect(await spoolOf().jobIds({ olderThanMs: -1 })).toEqual(['job_a']);
  });
});

describe('a log of the spool', () => {
  it('goes with its last answer once another is begun', async () => {
    const spool = spoolOf();
    await spool.write(settlement);
    const [first] = await logs();
    nowMs = 1000;
    await spool.write({ ...settlement, jobId: 'job_b' });
    expect(await logs()).toHaveLength(2);
    spool.remove(settlement);
    await spool.close();
    expect(await logs()).not.toContain(first);
  });

  it('is gone after the farewell of a process that has settled everything', async () => {
    const spool = spoolOf();
    await spool.write(settlement);
    spool.remove(settlement);
    await spool.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a dead process goes when nothing in it is open and nobody can still be writing it', async () => {
    await spoolOf().write(settlement);
    const [name = ''] = await logs();
    const next = spoolOf();
    await next.jobIds();
    next.remove(settlement);
    await next.jobIds();
    expect(await logs()).toEqual([name]);
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(folder, name), longAgo, longAgo);
    await next.jobIds();
    expect(await logs()).toEqual([]);
  });

  it('of another process is looked into once for all claims of a moment', async () => {
    const quick = spoolOf({ listingMs: 100 });
    expect(await quick.find('job_a')).toBeNull();
    await spoolOf().write(settlement);
    await quick.write({ ...settlement, jobId: 'job_own' });
    nowMs = 99;
    expect(await quick.find('job_a')).toBeNull();
    expect((await quick.find('job_own'))?.jobId).toBe('job_own');
    nowMs = 100;
    expect((await quick.find('job_a'))?.jobId).toBe('job_a');
  });
});
