import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { canEnter, keepOldLog, readJson, Refusal, writePrivately } from '../system/files.mjs';
import { stillRuns } from '../system/processes.mjs';
import { postgresBinaries, SHARED_DIR } from './postgres-binaries.mjs';
import {
  isMade,
  makeCluster,
  makeDatabase,
  resetPassword,
  runningServer,
  startServer,
  stopServer,
  urlOf,
  whoAnswers,
} from './postgres-cluster.mjs';

/** PostgreSQL refuses to run as root; this is `nobody` on every Linux, and no user has to be made. */
const NOBODY = { uid: 65534, gid: 65534 };
const DATABASE = 'longhaul';
const ADOPT_MS = 30_000;

/**
 * The record store: the server of `DATABASE_URL`, else the embedded one.
 * Returns `{ url, chosen, stop }`; `chosen` is the line for the person who watches.
 */
export async function openPostgres({ env, dataDir, parameters, database = DATABASE }) {
  if (env.DATABASE_URL) {
    return {
      url: env.DATABASE_URL,
      chosen: 'Records:    PostgreSQL, the server of DATABASE_URL',
      stop: async () => undefined,
    };
  }
  const cluster = describeCluster(dataDir);
  const { server, how } = await adoptOrStart(cluster, parameters);
  record(cluster, server.port);
  await makeDatabase(cluster, server.port, database);
  return {
    url: urlOf(cluster, server.port, database),
    chosen: `Records:    PostgreSQL, embedded, ${how} on 127.0.0.1:${server.port}, data in ${cluster.directory} (DATABASE_URL is not set)`,
    pid: server.pid,
    identity: server.identity,
    logFile: cluster.logFile,
    directory: cluster.directory,
    stop: () => stopServer(cluster, server),
    restart: () => restart({ ...cluster, passwordIsKnown: true }, server.port, parameters),
  };
}

/**
 * The server again, after it ended by itself: same data, same password, same port, because its clients know no other.
 * Nobody else's port is taken over, so a busy one is a Refusal. Returns `{ pid, identity, stop }`.
 */
async function restart(cluster, port, parameters) {
  const { server } = await adoptOrStart({ ...cluster, wantedPort: port }, parameters);
  if (server.port !== port) {
    await stopServer(cluster, server);
    throw new Refusal(`PostgreSQL cannot have its port ${port} back: somebody else listens there now.`);
  }
  return { pid: server.pid, identity: server.identity, stop: () => stopServer(cluster, server) };
}

/** Where the cluster is, under whom it runs, and its password: from postgres.json, else decided now. */
function describeCluster(dataDir) {
  const recordFile = path.join(dataDir, 'postgres.json');
  const written = readJson(recordFile) ?? {};
  const directory = placeFor(realpathSync(dataDir), written.directory);
  const runAs = userFor(directory);
  return {
    directory,
    runAs,
    recordFile,
    logFile: path.join(dataDir, 'logs', 'postgres.log'),
    passwordIsKnown: written.password !== undefined && written.directory === directory,
    password: written.password ?? randomBytes(24).toString('base64url'),
    wantedPort: written.port ?? undefined,
    binaries: postgresBinaries({ runAs, dataDir }),
  };
}

/**
 * In the data directory, except where the database's own user cannot get there (root's home is closed): then
 * under /var/lib/longhaul, by a hash of the data directory, so that the next start finds it again.
 */
function placeFor(dataDir, written) {
  const inside = path.join(dataDir, 'postgres');
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const outside = path.join(SHARED_DIR, hash);
  // A copied data directory still names the cluster of the original: that one is not ours to open.
  const known = [written, inside, outside].find(
    (place) => [inside, outside].includes(place) && isMade({ directory: place }),
  );
  if (known) return known;
  if (process.getuid?.() !== 0 || canEnter(dataDir, NOBODY)) return inside;
  try {
    mkdirSync(SHARED_DIR, { recursive: true });
    chmodSync(SHARED_DIR, 0o755);
    return outside;
  } catch (error) {
    throw new Refusal(
      `PostgreSQL cannot run as root, its own user (uid ${NOBODY.uid}) cannot enter ${dataDir}, and ${SHARED_DIR} ` +
        `cannot be made (${error.code}). Set LONGHAUL_DATA_DIR to a directory outside root's home, or DATABASE_URL.`,
    );
  }
}

/** An ordinary user is himself. Root hands over: to the cluster's owner, and for a new one to `nobody`. */
function userFor(directory) {
  if (process.getuid?.() !== 0) return null;
  if (!existsSync(directory)) return NOBODY;
  const { uid, gid } = statSync(directory);
  return uid === 0 ? NOBODY : { uid, gid };
}

function record({ recordFile, directory, password }, port) {
  writePrivately(recordFile, `${JSON.stringify({ directory, port, password }, null, 2)}\n`);
}

/** Anything but an orderly answer of our own server ends in a stop and a start: committed work survives both. */
async function adoptOrStart(cluster, parameters) {
  const left = runningServer(cluster);
  if (left && (await isAdoptable(cluster, left))) {
    return { server: left, how: `running already, adopted (pid ${left.pid})` };
  }
  if (left) await stopServer(cluster, left);
  if (!isMade(cluster)) {
    // Written down first: a cluster whose password nobody knows is worth less than a password without a cluster.
    record(cluster, null);
    makeCluster(cluster);
  } else if (!cluster.passwordIsKnown) {
    resetPassword(cluster);
    record(cluster, null);
  }
  keepOldLog(cluster.logFile);
  const server = await startServer(cluster, { wantedPort: cluster.wantedPort, parameters });
  return { server, how: 'started' };
}

/** A server that recovers from a crash says nothing for a while; it is given the time. */
async function isAdoptable(cluster, left) {
  const givesUpAt = performance.now() + ADOPT_MS;
  while (cluster.passwordIsKnown && left.port && stillRuns(left) && performance.now() < givesUpAt) {
    const who = await whoAnswers(cluster, left.port);
    if (who !== 'silent') return who === 'ours';
    await pause(200);
  }
  return false;
}
