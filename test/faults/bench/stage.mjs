import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './client.mjs';
import { KINDS } from './kinds/index.mjs';
import { withRedis } from './redis-client.mjs';
import { bodyOf, TARGETS } from './work.mjs';

const LOOK_MS = 50;
const LONGEST_MS = 60_000;

/** What a scenario plays on: jobs are handed in, and faults strike, when the scenario says so. */
export class Stage {
  jobs = [];
  #ids = new Map();
  #faults = 0;

  /** `prefix`: of the markers and keys, where several stages share a site. */
  constructor({ site, options, say, prefix = '' }) {
    Object.assign(this, { site, options, say, prefix });
    this.client = new Client({ site, seed: options.seed });
  }

  /** `count` jobs of one sort, the first targets in turn; `at` names one for all. Resolves when all are accepted. */
  async submit(count, words) {
    const jobs = Array.from({ length: count }, () => this.newJob(words));
    for (const job of jobs) this.client.send(job);
    await this.until(() => jobs.every((job) => this.#ids.has(job.index)), 'all jobs to be accepted');
    return jobs;
  }

  newJob({
    ms,
    at = null,
    snag = 'none',
    deadlineSeconds = null,
    ttlSeconds = null,
    isPoison = false,
    isTwin = false,
  }) {
    const index = this.jobs.length;
    const from = at === null ? index % TARGETS.length : TARGETS.findIndex(({ provider }) => provider === at);
    const targets = [...TARGETS.slice(from), ...TARGETS.slice(0, from)];
    const job = {
      ...{ index, marker: `${this.prefix}b${index}`, ms, snag },
      key: `bench-${this.options.seed}-${this.prefix}${index}`,
      ...{ first: targets[0].provider, isPoison, isTwin, cancelAfterMs: null, deadlineSeconds, ttlSeconds },
    };
    job.onAccepted = (id) => this.#ids.set(index, id);
    this.jobs.push(Object.assign(job, { body: bodyOf(job, { targets, priority: 5 }) }));
    return job;
  }

  idOf({ index }) {
    return this.#ids.get(index);
  }

  /** The rows of these jobs; none while PostgreSQL is away. */
  rows(jobs) {
    const text = `SELECT id, ring, provider, status, phase, position, lease_owner AS owner, completed_at AS ended,
        deadline_at < clock_timestamp() AS "isOverdue" FROM jobs
      WHERE id = ANY ($1)`;
    return this.site.sql(text, [jobs.map((job) => this.idOf(job))]).catch(() => []);
  }

  /** `meanwhile` is done with the rows that are not yet so. */
  async untilRows(jobs, isSo, meanwhile = () => undefined) {
    await this.until(async () => {
      const rows = await this.rows(jobs);
      if (rows.length === jobs.length && rows.every(isSo)) return true;
      await meanwhile(rows.filter((row) => !isSo(row)));
      return false;
    }, `${jobs.length} rows in a state: ${isSo}`);
  }

  /** The calls that are open at the upstream. */
  async openCalls(jobs = this.jobs) {
    const markers = new Set(jobs.map(({ marker }) => marker));
    const calls = await this.site.upstream.calls();
    return calls.filter(({ outcome, marker }) => outcome === null && markers.has(marker));
  }

  /** Until no more than so many are open any more: each of the others has been answered, heard or not. */
  async untilOpen(count, jobs) {
    const isSo = async () => (await this.openCalls(jobs)).length <= count;
    await this.until(isSo, `no more than ${count} open calls of ${jobs.map(({ marker }) => marker)}`);
  }

  async untilCalled(count, jobs = this.jobs) {
    const isSo = async () => (await this.openCalls(jobs)).length >= count;
    await this.until(isSo, `${count} open calls of ${jobs.map(({ marker }) => marker)}`);
  }

  untilAnswered(jobs = this.jobs) {
    return this.untilOpen(0, jobs);
  }

  /** Held calls may answer: one of each of these jobs, or without any all, and those to come. */
  async release(jobs = null) {
    if (jobs === null) await this.site.upstream.release();
    else for (const { marker } of jobs) await this.site.upstream.release(marker);
  }

  async until(isSo, what = String(isSo)) {
    const givesUpAt = performance.now() + LONGEST_MS;
    while (!(await isSo())) {
      if (performance.now() > givesUpAt)
        throw new Error(`The scenario waited ${LONGEST_MS / 1000} s in vain for ${what}.`);
      await pause(LOOK_MS);
    }
  }

  /**
   * One fault of that kind; resolves when it is over. `target`: which of the processes of that role. It lasts `lastsMs`, or
   * for as long as what `until` does.
   */
  strike(name, plan = {}) {
    const struck = this.#strike(name, plan);
    // A scenario may wait for it later. One that fails before must not end this process with all that it has started.
    struck.catch(() => undefined);
    return struck;
  }

  async #strike(name, plan) {
    const kind = KINDS.find((one) => one.name === name);
    const entry = await kind.strike(this.site, { number: (this.#faults += 1), kind, target: 0, ...plan });
    if (entry === null) throw new Error(`${name} hit nobody.`);
    this.say(`${name}: ${entry.name}`);
  }

  /** Gone by now, and nothing brings it back yet. */
  isAway(store) {
    return this.site.log.entries.some(({ hits, downAt, upAt }) => hits === store && downAt && !upAt);
  }

  async flushRedis() {
    const { log, stores } = this.site;
    const entry = log.begin({
      number: (this.#faults += 1),
      kind: 'redis-flush',
      hits: 'redis',
      name: 'redis',
    });
    await withRedis(stores.redis.url, (client) => client.flushall());
    log.end(entry);
    this.say('redis-flush: redis');
  }

  /** The place among the workers of whoever holds a row; -1 = nobody. */
  holderOf({ owner }) {
    const pid = owner === null ? null : Number(owner.split(':')[1]);
    return this.workers.findIndex((member) => member.pid === pid);
  }

  /** The place of the worker that holds most of these jobs, and which they are. */
  async busiest(jobs) {
    const held = this.workers.map(() => []);
    for (const row of await this.rows(jobs))
      held[this.holderOf(row)]?.push(jobs.find((job) => this.idOf(job) === row.id));
    const target = held.indexOf(held.toSorted((one, other) => other.length - one.length)[0]);
    return { target, own: held[target] };
  }

  get workers() {
    return this.site.members.filter(({ role }) => role === 'worker');
  }

  async remove(jobs) {
    await Promise.all(jobs.map((job) => this.client.remove(job, this.idOf(job))));
  }

  async cancel(jobs) {
    await Promise.all(jobs.map((job) => this.client.cancel(job, this.idOf(job), job.index)));
  }
}
