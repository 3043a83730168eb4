import disk from 'node:fs/promises';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOf, keyed, settlement, SpoolRig } from './spool.fixtures';

const rig = new SpoolRig();
beforeEach(() => rig.begin());
afterEach(() => rig.end());

describe('a spool with a key', () => {
  it('holds no word of an answer, settled or set aside, and gives it to whoever has the key', async () => {
    const spool = rig.spool(keyed(1));
    await spool.write(settlement);
    await spool.setAside({ ...settlement, jobId: 'job_b' });
    expect(await rig.onDisk()).toContain('job_a 3 ');
    expect(await rig.onDisk()).not.toMatch(/paid|full/);
    expect(await answerOf(rig.spool(keyed(1)), 'job_a')).toEqual(settlement);
  });

  it('reads what lay there before it had one, and after the key was followed by another', async () => {
    await rig.spool().write({ ...settlement, jobId: 'job_plain' });
    await rig.spool(keyed(1)).write({ ...settlement, jobId: 'job_old' });
    const next = rig.spool(keyed(2, 1));
    for (const jobId of ['job_plain', 'job_old'])
      expect(await answerOf(next, jobId)).toEqual({ ...settlement, jobId });
  });

  it('says of an answer under a key that it does not have that it is there, and sets it aside once', async () => {
    await rig.spool(keyed(1)).write(settlement);
    const [reader, other] = [rig.spool(keyed(2)), rig.spool()];
    const found = await reader.find('job_a');
    if (!found || !('fault' in found)) throw new Error('it could be read');
    expect(found).toMatchObject({ fault: 'unknown_key', unreadable: { jobId: 'job_a', fence: 3 } });
    const onDisk = await readFile(await rig.firstLog(), 'utf8');
    expect(await reader.setUnreadableAside(found.unreadable, found.fault)).toBe('job_a.3.unreadable');
    expect(await readFile(join(rig.folder, 'job_a.3.unreadable'), 'utf8')).toBe(onDisk.trimEnd());
    expect(await reader.find('job_a')).toBeNull();
    // The other finds it set aside already: one answer is told of and counted once on a host.
    const again = await other.find('job_a');
    if (!again || !('fault' in again)) throw new Error('it could be read');
    expect(await other.setUnreadableAside(again.unreadable, again.fault)).toBeNull();
    expect(rig.counted.filter((why) => why === 'unknown_key')).toHaveLength(1);
  });
});

describe('a file of the spool that is broken', () => {
  const breakFirstLog = async (change: (text: string) => string): Promise<void> => {
    const path = await rig.firstLog();
    await writeFile(path, change(await readFile(path, 'utf8')));
  };

  it.each([
    ['JSON that is cut', (text: string) => text.replace(/.{5}\n/, '\n')],
    ['an answer behind the head of another job', (text: string) => text.replace('job_a ', 'job_x ')],
    ['an answer behind the head of another claim', (text: string) => text.replace(' 3 ', ' 4 ')],
    ['bytes that are none of ours', (text: string) => text.replace(/\{.*\}/, '\u0000\u0001\u0002')],
  ])('does not pass for an answer: %s', async (_, change) => {
    await rig.spool().write(settlement);
    await breakFirstLog(change);
    const reader = rig.spool();
    const [jobId = ''] = await reader.jobIds();
    expect(await reader.find(jobId)).toMatchObject({ fault: 'broken', unreadable: { jobId } });
  });

  it('keeps a line that names no job, tells of it, and reads the others', async () => {
    await rig.spool().write(settlement);
    await breakFirstLog((text) => `../../etc/passwd 3 4 {}\n${text}`);
    const reader = rig.spool();
    expect(await reader.jobIds()).toEqual(['job_a']);
    expect(await answerOf(reader, 'job_a')).toEqual(settlement);
    expect(await readdir(rig.folder)).toContainEqual(expect.stringMatching(/\.log\.0\.unreadable$/));
    expect(rig.counted.filter((why) => why === 'broken')).toHaveLength(1);
    expect(rig.said).toEqual([expect.stringContaining('tells no job')]);
    expect(rig.said.join()).not.toContain('passwd');
  });

  it('is moved aside when it ends in half an answer, long after anybody wrote to it', async () => {
    await rig.spool().write(settlement);
    await breakFirstLog((text) => text.trimEnd());
    const reader = rig.spool();
    expect(await reader.jobIds()).toEqual([]);
    expect(await rig.logs()).toHaveLength(1);
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(await rig.firstLog(), longAgo, longAgo);
    expect(await reader.jobIds()).toEqual([]);
    expect(await readdir(rig.folder)).toEqual([expect.stringMatching(/\.log\.unreadable$/)]);
    expect(rig.counted).toContain('broken');
  });

  it('is no file at all: a folder of that name is passed over', async () => {
    await mkdir(join(rig.folder, '1-a.log'));
    await rig.spool().write(settlement);
    expect(await rig.spool().jobIds()).toEqual(['job_a']);
  });
});

describe('a file of the spool that cannot be read at all', () => {
  const failing = async (code: string, look: () => Promise<void>): Promise<void> => {
    const open = jest.spyOn(disk, 'open').mockRejectedValue(Object.assign(new Error(code), { code }));
    await look().finally(() => open.mockRestore());
  };

  it('is passed over beside the others, and told of and counted once: a link that leads to itself', async () => {
    await symlink('loop.log', join(rig.folder, 'loop.log'));
    await symlink('nowhere', join(rig.folder, 'dangling.log'));
    await rig.spool().write(settlement);
    const reader = rig.spool();
    expect(await reader.jobIds()).toEqual(['job_a']);
    expect(await answerOf(reader, 'job_a')).toEqual(settlement);
    expect(rig.counted).toEqual(['written', 'closed']);
    expect(rig.said).toEqual([expect.stringMatching(/loop\.log cannot be read/)]);
  });

  it.each(['EIO', 'ESTALE', 'EISDIR', 'EACCES'])('is read as soon as it can be: %s', async (code) => {
    await rig.spool().write(settlement);
    const reader = rig.spool();
    await failing(code, async () => {
      expect(await reader.jobIds()).toEqual([]);
      expect(await reader.find('job_a')).toBeNull();
    });
    expect(rig.counted.filter((why) => why === 'closed')).toHaveLength(1);
    expect(await answerOf(reader, 'job_a')).toEqual(settlement);
  });

  it('is waited for when it is the process that is short of something', async () => {
    await rig.spool().write(settlement);
    const reader = rig.spool();
    await failing('EMFILE', () => expect(reader.jobIds()).rejects.toThrow('EMFILE'));
    await reader.jobIds();
    await failing('EMFILE', () => expect(reader.find('job_a')).rejects.toThrow('EMFILE'));
    expect(await answerOf(reader, 'job_a')).toEqual(settlement);
    expect(rig.said).toEqual([]);
  });

  it('holds up no claim of a job whose answer was seen in it: that is as good as broken', async () => {
    await rig.spool().write(settlement);
    const reader = rig.spool({ listingMs: 1 });
    await reader.jobIds();
    await failing('EIO', async () => {
      expect(await reader.find('job_a')).toMatchObject({ fault: 'broken', unreadable: { jobId: 'job_a' } });
    });
  });
});

describe('a spool on a disk that refuses', () => {
  it('is no reason not to start, says so once, and goes on when the disk does', async () => {
    const place = join(rig.folder, '..', 'place');
    await writeFile(place, 'a file where the folder should be');
    const spool = rig.spool({ folder: join(place, 'spool') });
    await spool.prepare();
    expect(spool.trouble).toBe('ENOTDIR');
    await expect(spool.write(settlement)).rejects.toThrow('ENOTDIR');
    await expect(spool.write(settlement)).rejects.toThrow('ENOTDIR');
    expect(await spool.find('job_a')).toBeNull();
    expect(rig.counted).toEqual(['failed', 'failed', 'closed']);
    const alarms = rig.said.filter((words) => words.includes('cannot be written (ENOTDIR)'));
    expect(alarms).toHaveLength(1);
    await rm(place);
    await spool.check();
    expect(spool.trouble).toBeNull();
    await spool.write(settlement);
    expect(await answerOf(spool, 'job_a')).toEqual(settlement);
    expect(rig.said.at(-1)).toContain('can be written again');
  });

  it('leaves nothing behind when it has asked the disk, and narrows a folder that was wider', async () => {
    await chmod(rig.folder, 0o755);
    const spool = rig.spool();
    await spool.check();
    expect(spool.trouble).toBeNull();
    expect(await readdir(rig.folder)).toEqual([]);
    expect((await stat(rig.folder)).mode & 0o777).toBe(0o700);
  });
});
