import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { Scrape } from '../support/metrics-text';
import { AppProcess } from '../support/processes';
import { ROOT, scratchDirectory } from '../support/scratch';
import { backEnds, PostgresServer, startPostgres } from '../support/stores';

jest.setTimeout(240_000);

const LEASE_SECS = 3;
const CANARY = 'canary-of-a-paid-answer-7f3a';
const backEnd = backEnds().at(-1) ?? 'postgres';

const spoolOf = ({ dataDir }: { readonly dataDir: string }): string => join(dataDir, 'spool');
const filesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Names and bytes of all files. One may go while it is being read. */
function contentOf(folder: string): string {
  return filesOf(folder)
    .map((name) => {
      try {
        return `${name}\n${readFileSync(join(folder, name), 'latin1')}`;
      } catch {
        return name;
      }
    })
    .join('\n');
}

/** A whole line of that job, flushed. */
const isSpooled = (folder: string, jobId: string): boolean =>
  contentOf(folder)
    .split('\n')
    .slice(0, -1)
    .some((line) => line.startsWith(`${jobId} `) && line.length > 100);

function newKeyFile(): string {
  const path = join(scratchDirectory('spool-key'), 'key');
  writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return path;
}

/** What `npm run spool` prints of these files. */
function asOperator(
  names: readonly string[],
  { folder, keyFile }: { folder: string; keyFile: string },
): string {
  const { PATH = '', HOME = '' } = process.env;
  const files = names.filter((name) => name.endsWith('.log')).map((name) => join(folder, name));
  return execFileSync(process.execPath, ['scripts/spool.mjs', ...files], {
    cwd: ROOT,
    env: { PATH, HOME, NODE_ENV: 'test', LONGHAUL_SPOOL_KEY_FILE: keyFile },
    encoding: 'utf8',
  });
}

/** A worker's answer is on the disk, PostgreSQL does not answer, and the worker is killed. */
async function killedWithAnAnswer(longhaul: Longhaul, postgres: PostgresServer): Promise<string> {
  const { upstream } = longhaul;
  upstream.script({
    match: { provider: 'moonshot' },
    replies: [{ holdBefore: 'first_token', text: CANARY, repeat: 'forever' }],
  });
  const doomed = await longhaul.worker();
  const job = await longhaul.chat('moonshot/kimi-k2.6', 'paid-once');
  await upstream.waitForHeld(1);
  await postgres.freeze();
  upstream.release('all');
  await until('the answer in the spool', async () => isSpooled(spoolOf(longhaul.api), job.id));
  doomed.kill('SIGKILL');
  await doomed.exited;
  return job.id;
}

describe('a worker killed between its spool and its commit', () => {
  it('has its answer committed by another worker of the host, without a call; with a key no word of it is on the disk', async () => {
    const postgres = await startPostgres();
    const keyFile = newKeyFile();
    const longhaul = await startLonghaul({
      ...{ backEnd, postgres },
      env: { LEASE_SECS: String(LEASE_SECS), LONGHAUL_SPOOL_KEY_FILE: keyFile },
    });
    const jobId = await killedWithAnAnswer(longhaul, postgres);
    expect(contentOf(spoolOf(longhaul.api))).toContain(`${jobId} 1 `);
    expect(contentOf(spoolOf(longhaul.api))).not.toContain(CANARY);
    expect(asOperator(filesOf(spoolOf(longhaul.api)), { folder: spoolOf(longhaul.api), keyFile })).toMatch(
      new RegExp(`"jobId":"${jobId}".*${CANARY}`),
    );
    await postgres.thaw();
    const next = await longhaul.worker();
    expect((await endedAfterOutage(longhaul, jobId)).status).toBe('completed');
    expect(longhaul.upstream.calls()).toHaveLength(1);
    expect(await longhaul.sql('SELECT status, code FROM attempts')).toEqual([
      { status: 'succeeded', code: null },
    ]);
    expect(await longhaul.sql('SELECT call FROM ledger')).toEqual([{ call: 'answered' }]);
    const { output } = await longhaul.job(jobId, '?include=output');
    expect(JSON.stringify(output)).toContain(CANARY);
    await killedAfterTheCommit(longhaul, { worker: next, postgres });
  });

  /** The other direction: what was committed is found in the spool of the dead once more, and is void. */
  async function killedAfterTheCommit(
    longhaul: Longhaul,
    { worker, postgres }: { readonly worker: AppProcess; readonly postgres: PostgresServer },
  ): Promise<void> {
    const folder = spoolOf(longhaul.api);
    const job = await longhaul.chat('moonshot/kimi-k2.6', 'committed');
    await longhaul.upstream.waitForHeld(1, { marker: 'committed' });
    await postgres.freeze();
    longhaul.upstream.release('all');
    await until('the answer in the spool', async () => isSpooled(folder, job.id));
    const left = contentOf(folder)
      .split('\n')
      .filter((line) => line.startsWith(`${job.id} `));
    await postgres.thaw();
    await endedAfterOutage(longhaul, job.id);
    worker.kill('SIGKILL');
    await worker.exited;
    // As a worker leaves it that is killed before its log has gone.
    writeFileSync(join(folder, '1-left.log'), `${left.join('\n')}\n`, { mode: 0o600 });
    const before = await longhaul.sql('SELECT * FROM jobs ORDER BY id');
    const last = await longhaul.worker();
    expect(await longhaul.sql('SELECT * FROM jobs ORDER BY id')).toEqual(before);
    expect(longhaul.upstream.calls()).toHaveLength(2);
    expect((await Scrape.of(last.url)).value('longhaul_spool_files')).toBe(0);
    expect(last.logs()).not.toContain('"level":50');
  }
});

const MOUNT = ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs'];

/** Root may, but not in every container. */
function canMount(): boolean {
  const path = scratchDirectory('may-mount');
  const mayMount = spawnSync('mount', [...MOUNT, path]).status === 0;
  if (mayMount) execFileSync('umount', [path]);
  return mayMount;
}

/** A disk of a few pages that is full, and goes when the test does. */
function smallDisk(): { readonly path: string; fill(): void; free(): void } {
  const path = scratchDirectory('small-disk');
  execFileSync('mount', [...MOUNT, path]);
  mounted.push(path);
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => {
      try {
        writeFileSync(filler, Buffer.alloc(1_000_000));
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'ENOSPC') throw thrown;
      }
    },
    free: () => rmSync(filler),
  };
}
const mounted: string[] = [];
afterAll(() => {
  // Lazily: the processes that stand in it are ended by a hook that may come later.
  for (const path of mounted) execFileSync('umount', ['--lazy', path]);
});

const mayMount = canMount();
const FULL = 'a spool on a disk that is full';
(mayMount ? describe : describe.skip)(
  mayMount ? FULL : `${FULL}: left out, no tmpfs can be mounted here`,
  () => {
    it('stops nothing: answers are committed from memory, and log, metric and readiness say so until there is room', async () => {
      const disk = smallDisk();
      const longhaul = await startLonghaul({ backEnd });
      longhaul.upstream.script({
        match: { provider: 'moonshot' },
        replies: [{ text: CANARY, repeat: 'forever' }],
      });
      const worker = await longhaul.worker({ LONGHAUL_DATA_DIR: disk.path });
      disk.fill();
      const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'on a full disk');
      expect((await longhaul.ended(id)).status).toBe('completed');
      expect(longhaul.upstream.calls()).toHaveLength(1);
      const ready = await fetch(`${worker.url}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        status: 'not_ready',
        checks: { database: 'ok', spool: expect.stringContaining('cannot be written (ENOSPC)') as string },
      });
      const scrape = await Scrape.of(worker.url);
      expect(scrape.value('longhaul_spool_failing')).toBe(1);
      expect(scrape.sample('longhaul_spool_writes_total', { outcome: 'failed' })?.value).toBe(1);
      expect(worker.logs()).toContain('cannot be written (ENOSPC)');
      disk.free();
      await until('a ready worker', async () => (await fetch(`${worker.url}/readyz`)).ok);
      expect((await Scrape.of(worker.url)).value('longhaul_spool_failing')).toBe(0);
    });
  },
);

/** The API's pool may need a moment to see that the server is back. */
const endedAfterOutage = (longhaul: Longhaul, id: string) =>
  until('the end of the job', () => longhaul.ended(id).catch(() => null), 90_000);
