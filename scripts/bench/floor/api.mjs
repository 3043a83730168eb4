/** The floor's API: an accept is one INSERT and one `queue.add`, a poll is one SELECT. Nothing is checked. */
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { openQueue } from './queue.mjs';
import { openRecords } from './records.mjs';

const { DATABASE_URL, REDIS_URL, PORT } = process.env;
const records = await openRecords(DATABASE_URL);
const queue = await openQueue({ redisUrl: REDIS_URL, databaseUrl: DATABASE_URL });
const fastify = Fastify();

fastify.get('/readyz', async () => ({ status: 'ok' }));
fastify.get('/v1/jobs/:id', (request) => records.find(request.params.id));
fastify.post('/v1/jobs', async (request, reply) => {
  const id = `job_${randomUUID()}`;
  await records.insert(id, request.body);
  await queue.add(id);
  reply.status(202).header('location', `/v1/jobs/${id}`);
  return { id, status: 'queued' };
});

process.once('SIGTERM', () => process.exit(0));
await fastify.listen({ port: Number(PORT), host: '127.0.0.1' });
