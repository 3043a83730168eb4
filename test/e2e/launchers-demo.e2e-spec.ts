import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { launch, lockOf, withoutRedis } from '../support/launchers';
import { freePort, ROOT, scratchDirectory } from '../support/scratch';

jest.setTimeout(180_000);

const PLACE = /^ {2}(?:HIGH|MEDIUM|LOW|CRITICAL) +(\S+):(\d+) /gm;

describe('the demo', () => {
  const expectGroundedFindings = (output: string): void => {
    const places = [...output.matchAll(PLACE)];
    expect(places.length).toBeGreaterThanOrEqual(5);
    for (const [, file = '', line = ''] of places) {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      const shown = output.slice(output.indexOf(`${file}:${line} `)).split('\n')[1] ?? '';
      expect(lines[Number(line) - 1]).toContain(shown.trim().replace(/ …$/, ''));
    }
    expect(output).toMatch(/1 withheld/);
    expect(output).toMatch(/withheld: .*quote/i);
  };

  it('shows grounded findings and the withheld one with nothing but Node, twice on one data directory', async () => {
    const dataDir = join(scratchDirectory('demo'), 'data');
    const env = { LONGHAUL_DATA_DIR: dataDir, PATH: withoutRedis(), PORT: String(await freePort()) };
    for (const run of ['first', 'second']) {
      const demo = launch(['scripts/demo.mjs'], env);
      const code = await demo.exited;
      expect({ run, code, output: code === 0 ? '' : demo.output() }).toEqual({ run, code: 0, output: '' });
      expect(demo.output()).toContain("BullMQ's PostgreSQL back end");
      expectGroundedFindings(demo.output());
    }
    expect(readdirSync(join(dataDir, 'reports'))).toHaveLength(2);
    expect(existsSync(join(dataDir, 'launcher.json'))).toBe(false);
  });

  it('takes another port by itself when the usual one is busy', async () => {
    const squatter = createServer();
    squatter.listen({ port: 0, host: '127.0.0.1' });
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const dataDir = join(scratchDirectory('demo'), 'data');
    const demo = launch(['scripts/demo.mjs'], { LONGHAUL_DATA_DIR: dataDir, PORT: String(port) });
    const code = await demo.exited;
    squatter.close();
    expect({ code, output: code === 0 ? '' : demo.output() }).toEqual({ code: 0, output: '' });
  });

  it("ends with the API's own words when the chosen model's provider has no key", async () => {
    const dataDir = join(scratchDirectory('demo'), 'data');
    const demo = launch(['scripts/demo.mjs', '--model', 'moonshot/kimi-k2.6'], {
      LONGHAUL_DATA_DIR: dataDir,
      PORT: String(await freePort()),
    });
    expect(await demo.exited).toBe(1);
    expect(demo.output()).toMatch(/The API refused \(503 provider_not_configured\).*MOONSHOT_API_KEY/s);
  });

  it('brings the sandbox up for a model of the sandbox too', async () => {
    const demo = launch(['scripts/demo.mjs', '--model', 'sandbox/reviewer'], {
      LONGHAUL_DATA_DIR: join(scratchDirectory('demo'), 'data'),
      PORT: String(await freePort()),
    });
    const code = await demo.exited;
    expect({ code, output: code === 0 ? '' : demo.output() }).toEqual({ code: 0, output: '' });
  });

  it('draws its progress 79 columns wide on a terminal that has no width, and nothing after its end', async () => {
    const drawing = launch(
      [
        '--input-type=module',
        '--eval',
        `import { Progress } from './scripts/demo/progress.mjs';
         const write = (text) => process.stdout.write(text);
         const progress = new Progress({ isTTY: true, columns: 0, write });
         progress.update('audit', { status: 'queued', phase: 'waiting', progress: { message: 'm'.repeat(100) } });
         progress.end();
         progress.update('audit', { status: 'failed', completed_at: 1 });
         progress.end();`,
      ],
      { TERM: 'xterm' },
    );
    expect(await drawing.exited).toBe(0);
    expect(drawing.output()).toMatch(/^\x1b\[2K.{79}\n$/);
  });

  it('ends, and says why, when an app ends by itself', async () => {
    const dataDir = join(scratchDirectory('demo'), 'data');
    const demo = launch(['scripts/demo.mjs'], { LONGHAUL_DATA_DIR: dataDir, PORT: String(await freePort()) });
    await demo.says('API:');
    const worker = lockOf(dataDir).children.find(({ name }) => name === 'worker-2');
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    expect(await demo.exited).toBe(1);
    expect(demo.output()).toMatch(/worker-2 ended by itself \(SIGKILL\)/);
    expect(demo.output()).not.toContain('starting it again');
  });
});
