import { launch } from '../support/launchers';
import { until } from '../support/longhaul';
import { freePort, scratchDirectory } from '../support/scratch';
import { freshDatabase } from '../support/stores';

jest.setTimeout(60_000);

const SCRIPT = 'scripts/container.mjs';

describe("the image's one script", () => {
  it('runs an app until it is asked to stop, and says whether it is healthy', async () => {
    const env = {
      DATABASE_URL: (await freshDatabase()).url,
      LONGHAUL_DATA_DIR: scratchDirectory('container'),
      WORKER_PORT: String(await freePort()),
    };
    const healthy = async (): Promise<boolean> =>
      (await launch([SCRIPT, 'health', 'worker'], env).exited) === 0;
    expect(await healthy()).toBe(false);
    const worker = launch([SCRIPT, 'worker'], env);
    await worker.says('worker runs');
    await until('a healthy worker', healthy);
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(await healthy()).toBe(false);
  });

  it('names its commands to whoever gives another', async () => {
    const lost = launch([SCRIPT, 'wroker'], {});
    expect(await lost.exited).toBe(2);
    expect(lost.output()).toMatch(/runs api, worker, sandbox or health, not "wroker"/);
  });
});
