import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 100;
const INTO_CALL_MS = 400;
const ENDED_MS = 120_000;

/** Kills the worker of a poisonous job each time it runs, as a job would that its worker cannot bear. */
export class PoisonWatch {
  #isOver = false;
  #ended = 0;

  constructor(site, jobs) {
    Object.assign(this, { site, jobs });
    for (const job of jobs) job.onAccepted = (id) => void this.#watch(id).finally(() => (this.#ended += 1));
  }

  /** Waits for the ends of all of them, as long as that makes sense. */
  async end() {
    const givesUpMs = performance.now() + ENDED_MS;
    while (this.#ended < this.jobs.length && performance.now() < givesUpMs) await pause(LOOK_MS);
    this.#isOver = true;
  }

  async #watch(id) {
    while (!this.#isOver) {
      await pause(LOOK_MS);
      const [row] = await this.site
        .sql('SELECT lease_owner AS owner, completed_at AS ended FROM jobs WHERE id = $1', [id])
        .catch(() => []);
      if (row?.ended) return;
      if (!row?.owner) continue;
      await pause(INTO_CALL_MS);
      await this.#kill(Number(row.owner.split(':')[1]));
    }
  }

  async #kill(pid) {
    const member = this.site.members.find((one) => one.pid === pid && one.isUp);
    if (!member) return;
    // Another fault may have it in its hands: it is frozen or cut off, and can die all the same.
    const wasHeld = member.isHeld;
    member.isHeld = true;
    const entry = this.site.log.begin({
      ...{ number: 0, kind: 'poison', hits: 'worker', name: member.name, pid, isDown: true, excuses: true },
    });
    await member.kill();
    entry.upAt = Date.now();
    member.start();
    // The next worker of this job is not waited for here: it may have it already.
    void member
      .ready()
      .catch(() => undefined)
      .finally(() => {
        this.site.log.end(entry);
        if (!wasHeld) member.isHeld = false;
      });
  }
}
