import { Queue } from 'bullmq';
import { withRedis } from './redis-client.mjs';

/**
 * Tickets that nobody has rung: doubled, or of an older bell. Each has an id of its own, so that no queue drops it.
 * @returns them, as `{ lane, id }`
 */
export async function ringStray(url, tickets) {
  const strays = tickets.map((ticket) => ({ lane: ticket.lane, ticket: jobOf(ticket) }));
  await inLanes(url, strays, (queue, ofLane) => queue.addBulk(ofLane.map(({ ticket }) => ticket)));
  return strays.map(({ lane, ticket }) => ({ lane, id: ticket.opts.jobId }));
}

/** How many of them nobody has done with yet. */
export async function strayLeft(url, strays) {
  let left = 0;
  await inLanes(url, strays, async (queue, ofLane) => {
    const found = await Promise.all(ofLane.map(({ id }) => queue.getJob(id)));
    left += found.filter((job) => job !== undefined).length;
  });
  return left;
}

async function inLanes(url, strays, work) {
  await withRedis(url, async (connection) => {
    for (const lane of new Set(strays.map((stray) => stray.lane))) {
      const queue = new Queue(`longhaul.${lane}`, { connection });
      queue.on('error', () => undefined);
      await work(
        queue,
        strays.filter((stray) => stray.lane === lane),
      );
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
