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

/** How many of these tickets, `{ lane, id }`, nobody has done with yet. */
export async function ticketsLeft(url, tickets) {
  let left = 0;
  await inLanes(url, tickets, async (queue, ofLane) => {
    const found = await Promise.all(ofLane.map(({ id }) => queue.getJob(id)));
    left += found.filter((job) => job !== undefined).length;
  });
  return left;
}

/** Whether each of these bells, `{ jobId, ring, lane }`, has its ticket in its lane: `rung_at` is stamped before it is there. */
export async function haveTickets(url, bells) {
  const tickets = bells.map(({ jobId, ring, lane }) => ({ lane, id: `${jobId}-${ring}` }));
  return (await ticketsLeft(url, tickets)) === tickets.length;
}

async function inLanes(url, tickets, work) {
  await withRedis(url, async (connection) => {
    for (const lane of new Set(tickets.map((ticket) => ticket.lane))) {
      const queue = new Queue(`longhaul.${lane}`, { connection });
      queue.on('error', () => undefined);
      await work(
        queue,
        tickets.filter((ticket) => ticket.lane === lane),
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
