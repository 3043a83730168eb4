import { setTimeout as pause } from 'node:timers/promises';
import { ask as askForJson } from './http.mjs';
import { Random } from './random.mjs';

const PATIENCE_MS = 6_000;
const AGAIN_MS = { least: 100, most: 500 };
const LOOK_MS = 100;
const OVER = ['completed', 'incomplete', 'failed', 'cancelled'];

/**
 * A caller who keeps a history. Every request is `ok`, `refused` (it did not happen) or `unknown` (it may have): an
 * unknown submit is sent again under the same Idempotency-Key until it is answered. `Retry-After` is heeded.
 */
export class Client {
  /** `{ index, api, sentAt, answeredAt, status, code, id, againMs }`, times in Unix milliseconds; a status of null = no answer. */
  submits = [];
  cancels = [];
  removals = [];
  /** Ends that an API has told: id → status. */
  seenEnds = new Map();
  #random;
  #accepted = [];
  #isDone = false;
  #pending = new Set();

  constructor({ site, seed }) {
    this.site = site;
    this.#random = new Random(seed, 'client');
  }

  /** Hands the job in, and cancels it when it is its time. Never rejects. */
  send(job) {
    const work = this.#sendAll(job).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  async #sendAll(job) {
    const first = job.index % this.site.apis.length;
    const [id] = await Promise.all([
      this.#submit(job, first),
      ...(job.isTwin ? [this.#submit(job, first + 1)] : []),
    ]);
    if (id === null) return;
    this.#accepted.push(id);
    job.onAccepted?.(id);
    if (job.cancelAfterMs === null) return;
    await pause(job.cancelAfterMs);
    await this.cancel(job, id, first + 1);
  }

  /** @returns the job's id; null when the API says that it will never take it, or at the end of the run */
  async #submit(job, first) {
    for (let turn = first; !this.#isDone; turn += 1) {
      const api = this.site.apis[turn % this.site.apis.length];
      const headers = { 'content-type': 'application/json', ...(job.key && { 'idempotency-key': job.key }) };
      const answer = await ask(`${api.url}/v1/jobs`, { method: 'POST', headers, body: job.body });
      this.submits.push({ index: job.index, api: api.name, ...answer });
      if (answer.id !== null) return answer.id;
      // 409: its twin is being accepted this very moment.
      if (answer.status !== null && answer.status < 500 && answer.status !== 409) return null;
      if (job.key === null) return this.#lookFor(job, api);
      await this.#pauseAfter(answer);
    }
    return null;
  }

  /** Without a key nothing may be sent again before one has looked: a caller would, in the list of his jobs. */
  async #lookFor(job, api) {
    const url = `${api.url}/v1/jobs?metadata[marker]=${job.marker}`;
    while (!this.#isDone) {
      const answer = await ask(url, {});
      const { status, found } = answer;
      if (status === 200 && found !== null) {
        this.submits.push({
          ...this.submits.findLast(({ index }) => index === job.index),
          status,
          id: found,
        });
        return found;
      }
      if (status === 200) return this.#submit(job, 0);
      await this.#pauseAfter(answer);
    }
    return null;
  }

  /** One request for all of them, until it is answered. */
  async sendTogether(jobs) {
    const body = JSON.stringify({
      jobs: jobs.map((job) => ({ ...JSON.parse(job.body), idempotency_key: job.key })),
    });
    const [api] = this.site.apis;
    const headers = { 'content-type': 'application/json' };
    for (let answer; answer?.status !== 200 && !this.#isDone;) {
      if (answer) await this.#pauseAfter(answer);
      answer = await ask(`${api.url}/v1/jobs/bulk`, { method: 'POST', headers, body });
      for (const [at, job] of jobs.entries()) {
        const { status = answer.status, job: taken = null } = answer.outcomes?.[at] ?? {};
        this.submits.push({ ...answer, index: job.index, api: api.name, status, id: taken?.id ?? null });
        if (taken) job.onAccepted?.(taken.id);
      }
    }
  }

  async cancel(job, id, first) {
    for (let turn = first; !this.#isDone; turn += 1) {
      const api = this.site.apis[turn % this.site.apis.length];
      const answer = await ask(`${api.url}/v1/jobs/${id}/cancel`, { method: 'POST' });
      this.cancels.push({ index: job.index, api: api.name, ...answer });
      if (answer.status === 200 || (answer.status !== null && answer.status < 500)) return;
      await this.#pauseAfter(answer);
    }
  }

  /** Until an API says that it is deleted, now or before. */
  async remove(job, id) {
    for (let turn = job.index; !this.#isDone; turn += 1) {
      const api = this.site.apis[turn % this.site.apis.length];
      const answer = await ask(`${api.url}/v1/jobs/${id}`, { method: 'DELETE' });
      this.removals.push({ ...answer, index: job.index, api: api.name, id });
      if (answer.status !== null && answer.status < 500) return;
      await this.#pauseAfter(answer);
    }
  }

  /** Reads jobs at random until the end of the run, as callers do who wait. */
  async readOn() {
    const random = this.#random;
    while (!this.#isDone) {
      await pause(LOOK_MS);
      if (this.#accepted.length === 0) continue;
      const id = random.pick(this.#accepted.slice(-200));
      const api = random.pick(this.site.apis);
      const { status, jobStatus } = await ask(`${api.url}/v1/jobs/${id}`, {});
      if (status === 200 && OVER.includes(jobStatus)) this.#see(id, jobStatus);
    }
  }

  /** As long as the answer asked for, and a little, so that not all come back at once. */
  #pauseAfter({ againMs }) {
    return pause(againMs + this.#random.between(AGAIN_MS.least, AGAIN_MS.most));
  }

  #see(id, status) {
    const seen = this.seenEnds.get(id) ?? [];
    if (!seen.includes(status)) this.seenEnds.set(id, [...seen, status]);
  }

  get pending() {
    return this.#pending.size;
  }

  async allAnswered() {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  end() {
    this.#isDone = true;
  }
}

async function ask(url, request) {
  const sentAt = Date.now();
  const startedMs = performance.now();
  const done = (more) => ({
    ...{ sentAt, answeredAt: Date.now(), tookMs: performance.now() - startedMs },
    ...{ status: null, code: null, id: null, jobStatus: null, againMs: 0 },
    ...more,
  });
  try {
    const { status, headers, body } = await askForJson(url, { ...request, patienceMs: PATIENCE_MS });
    const again = { againMs: 1000 * (Number(headers['retry-after']) || 0) };
    if (status >= 400) return done({ status, code: body.code ?? null, ...again });
    const { id = null, status: jobStatus = null, object, data } = body;
    if (object !== 'list') return done({ status, id, jobStatus });
    return done({ status, found: data[0]?.id ?? null, outcomes: data });
  } catch (error) {
    return done({ code: error.code ?? error.name });
  }
}
