import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 1_000;

/** Each worker stands still for so long once a second, as an event loop does that has too much to do. No lease may suffer. */
export async function stallInTurn(stage, forMs) {
  const workers = stage.site.members.filter(({ role }) => role === 'worker');
  await Promise.all(
    workers.map(async (worker, index) => {
      await pause((index * EVERY_MS) / workers.length);
      while (!stage.isOver) {
        if (worker.isUp && !worker.isHeld) await stall(worker, forMs);
        await pause(EVERY_MS - forMs);
      }
    }),
  );
}

/** In our hands meanwhile: a freeze that began now would be ended by our thaw. One that died of it is not ours to thaw. */
async function stall(worker, forMs) {
  const { pid } = worker;
  worker.isHeld = true;
  try {
    worker.freeze();
    await pause(forMs);
  } finally {
    if (worker.isUp && worker.pid === pid) worker.thaw();
    worker.isHeld = false;
  }
}
