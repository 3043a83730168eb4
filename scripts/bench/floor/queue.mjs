import { createPostgresBackend, PostgresConnection, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** Longhaul's own: a share of its default lease, and its pool of query connections and one for each lane. */
const LOCK_MS = 8_000;
const STALLED_MS = 2_000;
const POOL_SIZE = 8;
const NAME = 'floor';
const FORGET = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** BullMQ as it comes, on Redis when there is a URL, else on its PostgreSQL back end: `{ add, work }`. */
export const openQueue = ({ redisUrl, databaseUrl }) =>
  redisUrl ? onRedis(redisUrl) : onPostgres(databaseUrl);

async function onRedis(url) {
  const connect = () => new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(NAME, { connection: connect() });
  return made(queue, (handle, options) => new Worker(NAME, handle, { ...options, connection: connect() }));
}

async function onPostgres(url) {
  const store = new PostgresConnection({
    connectionString: url,
    // As Longhaul's own queue: tickets may be lost, so they wait for no disk.
    options: '-c synchronous_commit=off',
    max: POOL_SIZE,
    keepAlive: true,
    migrate: true,
  });
  store.pool.setMaxListeners(0);
  await store.waitUntilReady();
  const connection = store.pool;
  const queue = new Queue(NAME, { connection, streams: { events: { maxLen: 1000 } } }, createPostgresBackend);
  return made(
    queue,
    (handle, options) => new Worker(NAME, handle, { ...options, connection }, createPostgresBackend),
  );
}

async function made(queue, makeWorker) {
  await queue.waitUntilReady();
  return {
    add: (id) => queue.add('job', { id }, { ...FORGET, jobId: id }),
    async work(concurrency, handle) {
      const options = { concurrency, lockDuration: LOCK_MS, stalledInterval: STALLED_MS };
      const worker = makeWorker((job) => handle(job.data.id), options);
      worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));
      worker.on('failed', (_, error) => process.stderr.write(`${error.stack}\n`));
      await worker.waitUntilReady();
      return worker;
    },
  };
}
