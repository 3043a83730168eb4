import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { launch, lockOf, postgresPid, processesOf, startAll } from '../support/launchers';
import { freePort, scratchDirectory, writeDown } from '../support/scratch';

jest.setTimeout(180_000);

async function expectNothingLeft(dataDir: string, port: string): Promise<void> {
  expect(processesOf(dataDir)).toEqual([]);
  expect(existsSync(join(dataDir, 'launcher.json'))).toBe(false);
  expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  const probe = createServer();
  probe.listen({ port: Number(port), host: '127.0.0.1' });
  await once(probe, 'listening');
  probe.close();
}

async function chat(url: string): Promise<string> {
  const answer = await fetch(`${url}/v1/jobs?include=output`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({
      type: 'chat',
      model: 'sandbox/echo',
      input: { messages: [{ role: 'user', content: 'Hello' }] },
    }),
  });
  const job = (await answer.json()) as { id: string; status: string };
  expect(job).toMatchObject({ status: 'completed' });
  return job.id;
}

describe('npm start, when it is over', () => {
  it('leaves no process, no lock and a free port after Ctrl-C, and starts again over its own data', async () => {
    const first = await startAll();
    expect(first.output()).toContain('Providers:  none has a key; the sandbox answers (model sandbox/echo)');
    const id = await chat(first.url);
    expect(processesOf(first.dataDir).length).toBeGreaterThanOrEqual(5);
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);
    await expectNothingLeft(first.dataDir, first.env.PORT ?? '');

    const second = await startAll(first.env);
    const answer = await fetch(`${second.url}/v1/jobs/${id}`);
    expect(await answer.json()).toMatchObject({ id, status: 'completed' });
    await chat(second.url);
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    await expectNothingLeft(first.dataDir, first.env.PORT ?? '');
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with the npm that runs it (%s)', async (signal) => {
    const dataDir = join(scratchDirectory('start'), 'data');
    const env = { LONGHAUL_DATA_DIR: dataDir, PORT: String(await freePort()) };
    const npm = launch(['start'], env, 'npm');
    await npm.says('Ready.');
    const launcher = lockOf(dataDir);
    for (const { name, pid } of [...launcher.children, { name: 'npm start', pid: launcher.pid }]) {
      writeDown(name, pid);
    }
    npm.child.kill(signal);
    // Its output closes when the last process that was given it is gone.
    await npm.exited;
    expect(npm.output()).toMatch(/npm ended: stopping|SIGTERM: stopping/);
    await expectNothingLeft(dataDir, env.PORT);
  });

  it('starts again after everything was killed at once, whatever locks and pid files say', async () => {
    const first = await startAll();
    const id = await chat(first.url);
    const pids = [first.child.pid ?? 0, postgresPid(first.dataDir), first.pidOf('worker-1')];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await first.exited;
    expect(existsSync(join(first.dataDir, 'launcher.json'))).toBe(true);

    const second = await startAll(first.env);
    expect(second.output()).toMatch(/Left over: .*api, worker-2/);
    const answer = await fetch(`${second.url}/v1/jobs/${id}`);
    expect(await answer.json()).toMatchObject({ id, status: 'completed' });
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    await expectNothingLeft(first.dataDir, first.env.PORT ?? '');
  });
});
