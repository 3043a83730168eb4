/**
 * A PostgreSQL cluster of one's own as a command, for tests (which cannot import ESM) and for people:
 *   node scripts/stores/cluster-command.mjs start <directory> [name=value …]   prints {url, pid, directory} as JSON
 *   node scripts/stores/cluster-command.mjs freeze|thaw|kill|stop|destroy <directory>
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openDataDir, readJson } from '../system/files.mjs';
import { signal, waitUntil } from '../system/processes.mjs';
import { openPostgres } from './postgres.mjs';
import { runningServer, stopServer } from './postgres-cluster.mjs';

const [verb, directory, ...assignments] = process.argv.slice(2);

/** The server first, so that it starts no new backend meanwhile; each backend is a session of its own. */
const familyOf = (pid) => [
  pid,
  ...readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && fieldsOf(name)?.parent === pid)
    .map(Number),
];

function fieldsOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

const written = () => {
  const record = readJson(path.join(directory, 'postgres.json'));
  const cluster = {
    directory: record?.directory ?? path.join(directory, 'postgres'),
    logFile: 'logs/postgres.log',
  };
  return { cluster, server: runningServer(cluster) };
};

const signalAll = (name) => {
  const { server } = written();
  for (const pid of server ? familyOf(server.pid) : []) signal(pid, name);
};

const verbs = {
  async start() {
    mkdirSync(directory, { recursive: true });
    const dataDir = openDataDir({ LONGHAUL_DATA_DIR: directory });
    const parameters = Object.fromEntries(assignments.map((pair) => pair.split('=')));
    const server = await openPostgres({ env: {}, dataDir, parameters });
    process.stdout.write(
      `${JSON.stringify({ url: server.url, pid: server.pid, directory: server.directory })}\n`,
    );
  },
  /** A signal is not yet a stop, and the server may be starting a backend: done when all have been seen to stand. */
  async freeze() {
    const { server } = written();
    const moves = () =>
      familyOf(server.pid).filter((pid) => !['T', 'Z', undefined].includes(fieldsOf(pid)?.state));
    const stand = () => {
      for (const pid of moves()) signal(pid, 'SIGSTOP');
      return moves().length === 0;
    };
    if (!(await waitUntil(stand, 10_000)))
      throw new Error(`PostgreSQL (pid ${server.pid}) does not stand still.`);
  },
  thaw: async () => signalAll('SIGCONT'),
  kill: async () => signalAll('SIGKILL'),
  async stop() {
    signalAll('SIGCONT');
    const { cluster, server } = written();
    if (server) await stopServer(cluster, server);
  },
  async destroy() {
    await verbs.stop();
    rmSync(written().cluster.directory, { recursive: true, force: true });
    rmSync(directory, { recursive: true, force: true });
  },
};

if (!directory || !Object.hasOwn(verbs, verb)) {
  process.stderr.write(
    `Usage: cluster-command.mjs ${Object.keys(verbs).join('|')} <directory> [name=value …]\n`,
  );
  process.exit(2);
}
try {
  await verbs[verb]();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
