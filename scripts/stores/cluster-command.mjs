/**
 * A PostgreSQL cluster of one's own as a command, for tests (which cannot import ESM) and for people:
 *   node scripts/stores/cluster-command.mjs start <directory> [name=value …]   prints {url, pid, directory} as JSON
 *   node scripts/stores/cluster-command.mjs freeze|thaw|kill|stop|destroy <directory>
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { freezeFamily, signalFamily } from '../system/family.mjs';
import { openDataDir, readJson } from '../system/files.mjs';
import { openPostgres } from './postgres.mjs';
import { runningServer, stopServer } from './postgres-cluster.mjs';

const [verb, directory, ...assignments] = process.argv.slice(2);

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
  if (server) signalFamily(server.pid, name);
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
  freeze: () => freezeFamily(written().server.pid),
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
