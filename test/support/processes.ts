import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, ROOT, scratchDirectory, writeDown } from './scratch';

/** Patience, not a measure: a machine with other work on it starts a process slowly. */
const READY_MS = 90_000;
const STOP_MS = 20_000;
const POLL_MS = 50;

export interface AppOptions {
  /** On top of an environment that holds nothing but PATH, HOME and the test run's loopback guard. */
  readonly env?: Readonly<Record<string, string>>;
  /** False: return as soon as the process is there, for tests that watch a boot fail or wait for its store. */
  readonly waitUntilReady?: boolean;
}

/** A built app in a process of its own, as a user starts it. */
export interface AppProcess {
  readonly name: string;
  readonly pid: number;
  /** Of the API, or of a worker's health port. */
  readonly url: string;
  readonly dataDir: string;
  /** Everything it has written so far, standard output and error together. */
  logs(): string;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  ready(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM and the end of the drain; SIGKILL when that takes too long. */
  stop(): Promise<void>;
}

const running = new Set<AppProcess>();

afterAll(async () => {
  await Promise.all([...running].map(end));
}, STOP_MS + 10_000);

/** The test is over: no drain is worth the wait, but a frozen process has to go on to be ended. */
async function end(app: AppProcess): Promise<void> {
  app.kill('SIGKILL');
  await app.exited;
}

/** Where Nest's tsc builder puts an app: below its own path twice, because `rootDir` is the checkout. */
function entryOf(app: string): string {
  const entry = join(ROOT, 'dist/apps', app, 'apps', app, 'src/main.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing. Run: npm run build`);
  return entry;
}

/** The API on a free port of loopback. */
export const startApi = async (options: AppOptions = {}): Promise<AppProcess> => {
  const port = await freePort();
  return startApp('api', port, {
    ...options,
    env: { HOST: '127.0.0.1', PORT: String(port), ...options.env },
  });
};

/** A worker whose health port is a free one. */
export const startWorker = async (options: AppOptions = {}): Promise<AppProcess> => {
  const port = await freePort();
  return startApp('worker', port, { ...options, env: { WORKER_PORT: String(port), ...options.env } });
};

async function startApp(app: string, port: number, options: AppOptions): Promise<AppProcess> {
  const directory = scratchDirectory(app);
  const dataDir = options.env?.LONGHAUL_DATA_DIR ?? join(directory, 'data');
  mkdirSync(dataDir, { recursive: true });
  const logFile = join(directory, 'output.log');
  const log = createWriteStream(logFile);
  await once(log, 'open');
  const child = spawn(process.execPath, ['--enable-source-maps', entryOf(app)], {
    cwd: ROOT,
    env: { ...bareEnvironment(), DRAIN_SECS: '5', ...options.env, LONGHAUL_DATA_DIR: dataDir },
    stdio: ['ignore', log, log],
  });
  log.end();
  const process_ = describeProcess(child, { app, port, dataDir, logFile });
  running.add(process_);
  writeDown(app, process_.pid);
  if (options.waitUntilReady ?? true) await process_.ready();
  return process_;
}

function bareEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', NODE_OPTIONS = '' } = process.env;
  return { PATH, HOME, NODE_OPTIONS, NODE_ENV: 'test', TZ: 'UTC' };
}

function describeProcess(
  child: ChildProcess,
  { app, port, dataDir, logFile }: { app: string; port: number; dataDir: string; logFile: string },
): AppProcess {
  const url = `http://127.0.0.1:${String(port)}`;
  const logs = (): string => readFileSync(logFile, 'utf8');
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const self: AppProcess = {
    ...{ name: app, pid: child.pid ?? 0, url, dataDir, logs, exited },
    ready: () => untilReady(self, child),
    kill: (signal) => {
      child.kill(signal);
    },
    stop: async () => {
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      const forced = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(forced);
    },
  };
  void exited.then(() => running.delete(self));
  return self;
}

async function untilReady(app: AppProcess, child: ChildProcess): Promise<void> {
  const givesUpAt = Date.now() + READY_MS;
  while (!(await isReady(`${app.url}/readyz`))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > givesUpAt) {
      const what = ended ? 'ended before it was ready' : `was not ready within ${String(READY_MS / 1000)} s`;
      throw new Error(`${app.name} (pid ${String(app.pid)}) ${what}. It wrote:\n${app.logs().slice(-4000)}`);
    }
    await pause(POLL_MS);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
