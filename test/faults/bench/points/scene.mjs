import { statSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Stage } from '../stage.mjs';

const LOOK_MS = 20;
const REACHED_MS = 60_000;
/** In leases: whoever stands still so long has lost its own. */
const STOPPED = 2.2;

/** The stage of one visit: one process is armed, and has to come to its point. */
export class Scene extends Stage {
  isReached = false;
  #atReach = [];
  #others = [];
  #logFrom = null;

  constructor({ visit, number, ...words }) {
    super({ ...words, prefix: `v${number}` });
    this.visit = visit;
  }

  get worker() {
    return this.workers[0];
  }

  get armed() {
    return this.visit.role === 'api' ? this.site.apis[0] : this.worker;
  }

  async arm() {
    const { point, mode, visit } = this.visit;
    this.#logFrom = statSync(this.armed.logFile).size;
    await this.armed.arm(`${point}:${mode}:${visit}`);
  }

  newJob({ isKeyless = false, ...words }) {
    const job = super.newJob(words);
    const { onAccepted } = job;
    job.onAccepted = (id) => {
      job.id = id;
      onAccepted(id);
    };
    return isKeyless ? Object.assign(job, { key: null }) : job;
  }

  /** One that is cancelled while its call is open. */
  sendCancelled() {
    this.client.send(Object.assign(this.newJob({ ms: 1_000 }), { cancelAfterMs: 300 }));
  }

  send(words) {
    this.client.send(this.newJob(words));
  }

  sendTogether(count, words) {
    return this.client.sendTogether(Array.from({ length: count }, () => this.newJob(words)));
  }

  begin(entry) {
    return this.site.log.begin({ number: this.site.log.entries.length + 1, ...entry });
  }

  /** The other worker hears of no ticket until the point is reached. It lives on, and is as good a witness of leases. */
  async alone() {
    const { redis } = this.workers[1].doors;
    await redis.refuse();
    this.atReach(() => redis.accept());
  }

  atReach(work) {
    this.#atReach.push(work);
  }

  /** From PostgreSQL, until its door is opened again. */
  async shutOff({ name, pid, doors }) {
    const entry = this.begin({ kind: 'worker-cut-off', hits: 'worker', name, pid, excuses: true });
    await doors.postgres.refuse();
    return entry;
  }

  /** The worker that is to be armed dies with what it holds; `again` brings it back. */
  async dies(again) {
    const { name, pid } = this.worker;
    const entry = this.begin({
      ...{ kind: 'worker-kill', hits: 'worker', name, pid, isDown: true, excuses: true },
    });
    await again();
    entry.upAt = Date.now();
    this.site.log.end(entry);
  }

  /** What time, or another release, would do to the rows of these jobs. @returns `columns` as they were before */
  change(jobs, words, columns = 'id') {
    const text = `WITH before AS (SELECT ${columns}, id AS own FROM jobs WHERE id = ANY ($1))
      UPDATE jobs SET ${words} FROM before WHERE jobs.id = before.own RETURNING before.*`;
    return this.site.sql(text, [jobs.map((job) => this.idOf(job))]);
  }

  /** All of them, until the point is reached. */
  async killWorkers({ isPastSpool = false } = {}) {
    for (const member of this.workers) {
      const { name, pid } = member;
      const entry = this.begin({
        ...{ kind: 'worker-kill', hits: 'worker', name, pid },
        ...{ isDown: true, excuses: true, isPastSpool },
      });
      await member.kill();
      this.#others.push({ member, entry });
    }
    this.atReach(() => this.#startOthers());
  }

  #startOthers() {
    for (const { member, entry } of this.#others) {
      entry.upAt = Date.now();
      if (member !== this.armed) member.start();
      void member.ready().then(
        () => this.site.log.end(entry),
        () => undefined,
      );
    }
  }

  /** Throws when it does not come to its point. */
  async untilReached() {
    const { point, mode } = this.visit;
    const line = `Crash point ${point} is reached: ${mode}.`;
    const givesUpAt = performance.now() + REACHED_MS;
    const isTold = () => readFileSync(this.armed.logFile).subarray(this.#logFrom).includes(line);
    while (this.#logFrom === null || !isTold()) {
      if (performance.now() > givesUpAt) throw new Error(`it was never reached: ${await this.#story()}`);
      await pause(LOOK_MS);
    }
    this.isReached = true;
  }

  /** For whoever looks for the reason. */
  async #story() {
    const text = `SELECT metadata ->> 'marker' AS marker, status, phase, ring, rung_at IS NOT NULL AS rung, lease_owner AS owner, deaths
      FROM jobs WHERE id = ANY ($1) ORDER BY id LIMIT 5`;
    const rows = await this.site.sql(text, [this.jobs.map((job) => this.idOf(job))]).catch(() => []);
    return rows.map((row) => JSON.stringify(row)).join(' ');
  }

  /** What was done by the process to itself is a fault like any other; then everybody gets back what they need. */
  async heal() {
    const { armed } = this;
    const { mode, role, isPastSpool } = this.visit;
    const life = armed.lives.findLast(({ crashPoint }) => crashPoint !== null);
    if (mode === 'kill') await this.until(() => life.endedAt !== null);
    const entry = this.begin({
      ...{ kind: KINDS[mode], hits: role, name: armed.name, pid: life.pid, isDown: mode !== 'timeout' },
      ...{ excuses: role === 'worker' && mode !== 'timeout', isPastSpool },
    });
    if (mode === 'kill') entry.startedAt = life.endedAt;
    const gives = Promise.all(this.#atReach.map((work) => work()));
    if (mode === 'stop') {
      await pause(STOPPED * this.options.leaseMs);
      process.kill(life.pid, 'SIGCONT');
    }
    if (mode === 'kill') await this.until(() => armed.isUp);
    this.site.log.end(entry);
    await gives;
  }

  /** It was not reached, and must not be later. What that costs is judged by nobody. */
  async giveUp() {
    await this.armed.kill();
    this.armed.start();
    await Promise.all(this.#atReach.map((work) => Promise.resolve(work()).catch(() => undefined)));
  }
}

const KINDS = { kill: 'point-kill', stop: 'point-freeze', timeout: 'point-timeout' };
