import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { freePort, ROOT, scratchDirectory, writeDown } from '../support/scratch';

jest.setTimeout(180_000);

interface Launched {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  /** Resolves when the output holds the words. */
  readonly says: (words: string) => Promise<void>;
}

interface Lock {
  readonly pid: number;
  readonly children: readonly { readonly name: string; readonly pid: number }[];
}

const open = new Set<Launched>();
afterEach(async () => {
  for (const launched of open) launched.child.kill('SIGTERM');
  await Promise.all([...open].map(({ exited }) => exited));
});

/** A PATH on which no redis-server is found: what a machine with nothing but Node has. */
const withoutRedis = (): string =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((place) => !['redis-server', 'valkey-server'].some((name) => existsSync(join(place, name))))
    .join(delimiter);

function launch(words: readonly string[], env: Readonly<Record<string, string>>): Launched {
  const { PATH = '', HOME = '', NODE_OPTIONS = '' } = process.env;
  const child = spawn(process.execPath, [...words], {
    cwd: ROOT,
    env: { PATH, HOME, NODE_OPTIONS, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  writeDown(words[0] ?? '', child.pid ?? 0);
  let text = '';
  const output = (): string => text;
  const heard = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    text += chunk.toString();
    for (const listener of heard) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const says = (words_: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const listen = (): void => {
        if (text.includes(words_)) resolve();
      };
      heard.add(listen);
      listen();
      void exited.then(() => {
        reject(new Error(`It ended without saying "${words_}". It said:\n${text}`));
      });
    });
  const launched = { child, output, exited, says };
  open.add(launched);
  void exited.then(() => open.delete(launched));
  return launched;
}

const lockOf = (dataDir: string): Lock =>
  JSON.parse(readFileSync(join(dataDir, 'launcher.json'), 'utf8')) as Lock;

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
});

describe('npm start', () => {
  it('survives its own kill: the next start ends the apps that were left, and adopts PostgreSQL', async () => {
    const dataDir = join(scratchDirectory('start'), 'data');
    const env = { LONGHAUL_DATA_DIR: dataDir, PORT: String(await freePort()) };
    const first = launch(['scripts/start.mjs'], env);
    await first.says('Ready.');
    const left = lockOf(dataDir);
    for (const { name, pid } of left.children) writeDown(name, pid);
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
    const dataDir = join(scratchDirectory('start'), 'data');
    const first = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: dataDir,
      PORT: String(await freePort()),
    });
    await first.says('Ready.');
    const second = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: dataDir,
      PORT: String(await freePort()),
    });
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`npm start (pid ${String(first.child.pid)}`);
    expect(second.output()).toContain('LONGHAUL_DATA_DIR');
  });

  it('names the variable to change when its port is busy', async () => {
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

  it('ends, and says why, when an app ends by itself', async () => {
    const dataDir = join(scratchDirectory('start'), 'data');
    const start = launch(['scripts/start.mjs'], {
      LONGHAUL_DATA_DIR: dataDir,
      PORT: String(await freePort()),
    });
    await start.says('Ready.');
    const worker = lockOf(dataDir).children.find(({ name }) => name === 'worker-2');
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    expect(await start.exited).toBe(1);
    expect(start.output()).toMatch(/worker-2 ended by itself \(SIGKILL\)/);
  });
});
