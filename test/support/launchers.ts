import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort, ROOT, scratchDirectory, writeDown } from './scratch';

export interface Launched {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  /** Resolves when the output holds the words. */
  readonly says: (words: string | RegExp) => Promise<void>;
}

export interface Started extends Launched {
  readonly dataDir: string;
  readonly url: string;
  /** Enough to start it again over the same data. */
  readonly env: Readonly<Record<string, string>>;
  /** Who it is now, by the launcher's own record. */
  readonly pidOf: (name: string) => number;
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
export const withoutRedis = (): string =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((place) => !['redis-server', 'valkey-server'].some((name) => existsSync(join(place, name))))
    .join(delimiter);

/** Starts a program as a user does; ended after the test. `program` is this Node without one. */
export function launch(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  program = process.execPath,
): Launched {
  const { PATH = '', HOME = '', NODE_OPTIONS = '' } = process.env;
  const child = spawn(program, [...words], {
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
  const says: Launched['says'] = (wanted) =>
    new Promise((resolve, reject) => {
      const listen = (): void => {
        if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) resolve();
      };
      heard.add(listen);
      listen();
      void exited.then(() => {
        reject(new Error(`It ended without saying "${String(wanted)}". It said:\n${text}`));
      });
    });
  const launched = { child, output, exited, says };
  open.add(launched);
  void exited.then(() => open.delete(launched));
  return launched;
}

/** `npm start` on a data directory and a port of its own, ready. */
export async function startAll(env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const dataDir = env.LONGHAUL_DATA_DIR ?? join(scratchDirectory('start'), 'data');
  const whole = { LONGHAUL_DATA_DIR: dataDir, PORT: String(await freePort()), ...env };
  const launched = launch(['scripts/start.mjs'], whole);
  await launched.says('Ready.');
  const started: Started = {
    ...launched,
    dataDir,
    url: `http://127.0.0.1:${whole.PORT}`,
    env: whole,
    pidOf: (name) => lockOf(dataDir).children.find((child) => child.name === name)?.pid ?? 0,
  };
  for (const { name, pid } of lockOf(dataDir).children) writeDown(name, pid);
  return started;
}

export const lockOf = (dataDir: string): Lock =>
  JSON.parse(readFileSync(join(dataDir, 'launcher.json'), 'utf8')) as Lock;

/** PostgreSQL's own record of its server. */
export const postgresPid = (dataDir: string): number =>
  Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

/** Every process of this machine that names the directory: in its words, its environment or as its place. */
export function processesOf(directory: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids
    .filter((pid) => readProc(pid).some((text) => text.includes(directory)))
    .map((pid) => `${pid}: ${(readProc(pid)[0] ?? '').replaceAll('\0', ' ')}`);
}

function readProc(pid: string): string[] {
  const read = (how: () => string): string => {
    try {
      return how();
    } catch {
      return '';
    }
  };
  const place = `/proc/${pid}`;
  return [
    read(() => readFileSync(join(place, 'cmdline'), 'utf8')),
    read(() => readFileSync(join(place, 'environ'), 'utf8')),
    read(() => readlinkSync(join(place, 'cwd'))),
  ];
}
