import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { ROOT, scratchDirectory } from '../support/scratch';
import { backEnds, freshDatabase, startPostgres, startRedis } from '../support/stores';

const run = promisify(execFile);

// Each test makes a cluster or two: seconds, and more of them on a busy machine.
jest.setTimeout(60_000);

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_500, query_timeout: 1_500 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(statement)).rows as unknown[];
  } finally {
    void client.end().catch(() => undefined);
  }
}

describe('the embedded PostgreSQL', () => {
  const command = async (verb: string, directory: string): Promise<{ url: string; pid: number }> => {
    const { stdout } = await run(process.execPath, [
      join(ROOT, 'scripts/stores/cluster-command.mjs'),
      verb,
      directory,
    ]);
    return verb === 'start' ? (JSON.parse(stdout) as { url: string; pid: number }) : { url: '', pid: 0 };
  };
  const directory = (): string => join(scratchDirectory('cluster'), 'data');

  it('outlives the process that started it, and is adopted by the next one', async () => {
    const place = directory();
    const first = await command('start', place);
    const second = await command('start', place);
    expect(second).toEqual(first);
    await command('destroy', place);
  });

  it('keeps what was committed when the server and all its backends are killed, and starts again', async () => {
    const place = directory();
    const { url, pid } = await command('start', place);
    await ask(url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await command('kill', place);
    const again = await command('start', place);
    expect(again.pid).not.toBe(pid);
    expect(await ask(again.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await command('destroy', place);
  });

  it('starts over a pid file whose number belongs to another process by now', async () => {
    const place = directory();
    const { url } = await command('start', place);
    const { directory: cluster } = JSON.parse(readFileSync(join(place, 'postgres.json'), 'utf8')) as {
      directory: string;
    };
    await command('stop', place);
    writeFileSync(join(cluster, 'postmaster.pid'), `${String(process.pid)}\n${cluster}\n1\n5432\n`);
    expect((await command('start', place)).url).toBe(url);
    await command('destroy', place);
  });

  it('counts as ended when its pid file goes between two looks', async () => {
    const place = scratchDirectory('cluster');
    const look = `
      import { Worker } from 'node:worker_threads';
      import { runningServer } from ${JSON.stringify(join(ROOT, 'scripts/stores/postgres-cluster.mjs'))};
      const source = \`
        import { rmSync, writeFileSync } from 'node:fs';
        import { parentPort } from 'node:worker_threads';
        parentPort.postMessage('it comes and goes');
        for (;;) {
          writeFileSync(process.env.PID_FILE, '1');
          rmSync(process.env.PID_FILE);
        }\`;
      const coming = new Worker(source, { eval: true });
      coming.once('message', () => {
        const isEnded = () => runningServer({ directory: process.env.PLACE }) === null;
        const looks = Array.from({ length: 20_000 }, isEnded);
        process.exit(looks.every(Boolean) ? 0 : 1);
      });`;
    const env = { ...process.env, PLACE: place, PID_FILE: join(place, 'postmaster.pid') };
    await run(process.execPath, ['--input-type=module', '--eval', look], { env });
  });

  it('keeps its password from others, and lets nobody in without it', async () => {
    const place = directory();
    const { url } = await command('start', place);
    expect(statSync(join(place, 'postgres.json')).mode & 0o077).toBe(0);
    const guess = new URL(url);
    guess.password = 'guess';
    await expect(ask(guess.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await command('destroy', place);
  });

  it('takes a new password when the written one was lost', async () => {
    const place = directory();
    const first = await command('start', place);
    const file = join(place, 'postgres.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as { directory: string };
    writeFileSync(file, '{}');
    const second = await command('start', place);
    expect(second.url).not.toBe(first.url);
    expect(await ask(second.url, 'SHOW data_directory')).toEqual([{ data_directory: record.directory }]);
    await command('destroy', place);
  });

  it('says whose data directory cannot be written, and what to do', async () => {
    const place = directory();
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, 'a file where the directory should be');
    await expect(command('start', place)).rejects.toMatchObject({
      stderr: expect.stringMatching(new RegExp(`${place}.*LONGHAUL_DATA_DIR|EEXIST`)) as string,
    });
  });
});

describe('a PostgreSQL of the test', () => {
  it('stops answering while frozen, and goes on where it was', async () => {
    const server = await startPostgres();
    await ask(server.url, 'CREATE TABLE kept AS SELECT 1 AS n');
    await server.freeze();
    await expect(ask(server.url, 'SELECT n FROM kept')).rejects.toThrow(/timeout/i);
    await server.thaw();
    expect(await ask(server.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
    await server.destroy();
  });

  it('comes back on the same URL after a stop', async () => {
    const server = await startPostgres();
    await server.stop();
    await expect(ask(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.start();
    expect(await ask(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await server.destroy();
  });
});

describe('a fresh database', () => {
  it('is empty, alone, and gone after its drop', async () => {
    const [one, other] = [await freshDatabase(), await freshDatabase()];
    await ask(one.url, 'CREATE TABLE mine (n int)');
    expect(await ask(other.url, "SELECT 1 FROM pg_tables WHERE tablename = 'mine'")).toEqual([]);
    await one.drop();
    await expect(ask(one.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });
});

const onRedis = backEnds().includes('redis') ? describe : describe.skip;
onRedis('a Redis of the test', () => {
  it('comes back on the same URL after a kill, with what its append-only file holds', async () => {
    const redis = await startRedis();
    const pid = redis.pid();
    await redis.kill();
    await redis.start();
    expect(redis.pid()).not.toBe(pid);
    await redis.flushAll();
    await redis.stop();
  });
});
