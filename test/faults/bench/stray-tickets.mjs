import { Queue } from 'bullmq';
import { withRedis } from './redis-client.mjs';

/** Tickets that nobody has rung: doubled, or of an older bell. Each has an id of its own, so that no queue drops it. */
export async function ringStray(url, tickets) {
  await withRedis(url, async (connection) => {
    for (const lane of new Set(tickets.map((ticket) => ticket.lane))) {
      const queue = new Queue(`longhaul.${lane}`, { connection });
      queue.on('error', () => undefined);
      await queue.addBulk(tickets.filter((ticket) => ticket.lane === lane).map(jobOf));
      await queue.close();
    }
  });
}

let rung = 0;

const jobOf = ({ jobId, ring }) => ({
  name: 'ticket',
  data: { jobId, ring, v: 1 },
  opts: { jobId: `${jobId}-${ring}-stray-${(rung += 1)}`, removeOnComplete: true, removeOnFail: true },
});
