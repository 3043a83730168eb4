import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { launch, lockOf, startAll } from '../support/launchers';
import { freePort, scratchDirectory } from '../support/scratch';
import { freshDatabase } from '../support/stores';

jest.setTimeout(180_000);

describe('npm start', () => {
  it('survives its own kill: the next start ends the apps that were left, and adopts PostgreSQL', async () => {
    const first = await startAll();
    const { dataDir, env } = first;
    first.child.kill('SIGKILL');
    await first.exited;

    const second = launch(['scripts/start.mjs'], env);
    await second.says('Ready.');
    expect(second.output()).toMatch(/Left over: .*api, worker-1, worker-2/);
    expect(second.output()).toMatch(/PostgreSQL, embedded, running already, adopted/);
    expect(lockOf(dataDir).pid).toBe(second.child.pid);
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    expect(existsSync(join(dataDir, 'launcher.json'))).toBe(false);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('refuses a data directory on which another launcher runs, and says which and what to do', async () => {
    const first = await startAll();
    const { dataDir } = first;
    const second = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: dataDir,
      PORT: String(await freePort()),
    });
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`npm start (pid ${String(first.child.pid)}`);
    expect(second.output()).toContain('LONGHAUL_DATA_DIR');
  });

  it('names who has its port, and the variable to change', async () => {
    const squatter = createServer();
    squatter.listen({ port: 0, host: '127.0.0.1' });
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const start = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: join(scratchDirectory('start'), 'data'),
      PORT: String(port),
    });
    const code = await start.exited;
    squatter.close();
    expect(code).toBe(1);
    expect(start.output()).toMatch(new RegExp(`Port ${String(port)} .*PORT=\\d+ npm start`));
    expect(start.output()).toContain(`(pid ${String(process.pid)}) listens there`);
  });

  it('says that the data directory cannot be written', async () => {
    const file = join(scratchDirectory('start'), 'a-file');
    writeFileSync(file, '');
    // In /proc nobody can make anything, and Node's recursive mkdir tries forever.
    for (const parent of [file, '/proc/longhaul']) {
      const start = launch(['scripts/start.mjs'], { LONGHAUL_DATA_DIR: join(parent, 'data') });
      expect(await start.exited).toBe(1);
      expect(start.output()).toMatch(/cannot write to its data directory .*LONGHAUL_DATA_DIR/);
    }
  });

  it('is ready without the Redis of REDIS_URL, and says that it is away', async () => {
    const start = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: join(scratchDirectory('start'), 'data'),
      PORT: String(await freePort()),
      REDIS_URL: `redis://127.0.0.1:${String(await freePort())}`,
    });
    await start.says('Ready.');
    expect(start.output()).toMatch(/Queue: +REDIS_URL: away/);
    start.child.kill('SIGTERM');
    expect(await start.exited).toBe(0);
  });

  it('ends with the words of the app that could not start at all, and does not try it again', async () => {
    const { url } = await freshDatabase();
    const start = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: join(scratchDirectory('start'), 'data'),
      PORT: String(await freePort()),
      DATABASE_URL: Object.assign(new URL(url), { pathname: '/none' }).href,
    });
    expect(await start.exited).toBe(1);
    expect(start.output()).toMatch(
      /(?:api|worker-\d) ended by itself \(exit 1\)\. Its log .* ends with:\n.*PostgreSQL/s,
    );
    expect(start.output()).not.toContain('starting it again');
  });

  it('says what its apps wait for when their PostgreSQL is not there', async () => {
    const start = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: join(scratchDirectory('start'), 'data'),
      PORT: String(await freePort()),
      DATABASE_URL: `postgresql://longhaul@127.0.0.1:${String(await freePort())}/longhaul`,
    });
    await start.says('is not ready yet: database: PostgreSQL at 127.0.0.1');
    start.child.kill('SIGTERM');
    expect(await start.exited).toBe(0);
  });
});
