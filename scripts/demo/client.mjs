import { Refusal } from '../system/files.mjs';

const ENDED = ['completed', 'incomplete', 'failed', 'cancelled'];
export const hasEnded = (job) => ENDED.includes(job.status);

/** The few calls of the public API that the demo makes. A refusal carries the API's own words. */
export class Client {
  constructor(url) {
    this.url = url;
  }

  submit(body) {
    return this.#json('/v1/jobs', { method: 'POST', body: JSON.stringify(body) });
  }

  /** Follows a job to its end; `seen` gets every state on the way. */
  async follow(job, { seen, signal }) {
    let now = job;
    while (!hasEnded(now)) {
      signal.throwIfAborted();
      seen(now);
      now = await this.#json(`/v1/jobs/${job.id}?wait=0.5`);
    }
    seen(now);
    return this.#json(`/v1/jobs/${job.id}?include=output,decision`);
  }

  async attempts(job) {
    return (await this.#json(`/v1/jobs/${job.id}/attempts`)).data;
  }

  async report(job) {
    return (await this.#ask(`/v1/jobs/${job.id}/report`)).text();
  }

  async #json(path, options) {
    return (await this.#ask(path, options)).json();
  }

  async #ask(path, options = {}) {
    const headers = { ...(options.body && { 'content-type': 'application/json' }) };
    const answer = await fetch(this.url + path, { ...options, headers, signal: AbortSignal.timeout(65_000) });
    if (answer.ok) return answer;
    const body = await answer.json().catch(() => ({}));
    const said = body.error?.message ?? body.detail ?? answer.statusText;
    const faults = (body.errors ?? [])
      .filter(({ detail }) => !said.includes(detail))
      .map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`);
    throw new Refusal(
      `The API refused (${answer.status} ${body.error?.code ?? ''}): ${said}${faults.join('')}`,
    );
  }
}
