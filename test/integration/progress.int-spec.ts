import { Metrics } from '@longhaul/metrics';
import { SYSTEM_TIMERS } from '@longhaul/providers';
import { JobRow, Records, ShownProgress } from '@longhaul/records';
import { Heartbeat } from '../../libs/jobs/src/heartbeat';
import { Pulse } from '../../libs/jobs/src/pulse';
import { RoadMeter } from '../../libs/jobs/src/road-meter';
import { openApi, openWorker } from '../support/gateway';
import { until } from '../support/longhaul';
import { Scrape } from '../support/metrics-text';
import { claimed, completion, freshRecords, newJob, retry } from '../support/records';
import { freshDatabase } from '../support/stores';
import { startUpstream } from '../support/upstream';

jest.setTimeout(60_000);

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 30 }], 30);
});

const run = async (): Promise<JobRow> => claimed(records, (await records.accepts.accept(newJob())).row.id);
const shownOf = ({ id: jobId, fence }: JobRow, message = 'm is answering'): ShownProgress => ({
  jobId,
  fence,
  progress: { percent: null, message, tokens: 7, seconds_since_last_token: 0 },
});
const progressOf = async ({ id }: JobRow) => (await records.jobs.read(id))?.progress;

describe('the progress of running jobs', () => {
  it('is written for all of them by one statement', async () => {
    const jobs = await Promise.all([run(), run(), run()]);
    const shown = jobs.map((job) => shownOf(job, `${job.id} is answering`));
    expect((await records.progress.show(shown)).sort()).toEqual(jobs.map(({ id }) => id).sort());
    for (const [index, job] of jobs.entries()) expect(await progressOf(job)).toEqual(shown[index]?.progress);
  });

  it('is refused under an old fence, after a retry and after the end', async () => {
    const first = await run();
    await records.settle.settle(retry(first));
    expect(await records.progress.show([shownOf(first)])).toEqual([]);
    const second = await claimed(records, first.id, { ring: 2 });
    expect(await records.progress.show([shownOf(first)])).toEqual([]);
    expect(await progressOf(second)).toBeNull();
    await records.settle.settle(completion(second));
    expect(await records.progress.show([shownOf(second)])).toEqual([]);
    expect(await progressOf(second)).toBeNull();
  });

  it('is null after the end, whether the beat or the settlement comes first', async () => {
    for (let round = 0; round < 40; round += 1) {
      const job = await run();
      const both = [
        () => records.progress.show([shownOf(job)]),
        () => records.settle.settle(completion(job)),
      ];
      if (round % 2 === 0) both.reverse();
      await Promise.all(both.map((statement) => statement()));
      expect(await records.jobs.read(job.id)).toMatchObject({ status: 'completed', progress: null });
    }
  });

  it('waits for no lock: a job that a settlement has in hand is passed over, the others are written', async () => {
    const [held, free] = [await run(), await run()];
    const settling = await records.database.pool.connect();
    try {
      await settling.query('BEGIN');
      await settling.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [held.id]);
      expect(await records.progress.show([shownOf(held), shownOf(free)])).toEqual([free.id]);
    } finally {
      await settling.query('ROLLBACK');
      settling.release();
    }
    expect(await progressOf(held)).toBeNull();
  });
});

describe('a heartbeat over twenty running jobs', () => {
  it('asks PostgreSQL at most once per beat, for tokens that come every few milliseconds', async () => {
    const everyMs = 200;
    const startsMs: number[] = [];
    const meter = new RoadMeter(new Metrics(), { leaseMs: 10_000, models: new Set() });
    const show = (shown: readonly ShownProgress[]) => {
      startsMs.push(performance.now());
      return records.progress.show(shown);
    };
    const heartbeat = new Heartbeat(show, { everyMs, timers: SYSTEM_TIMERS }, meter);
    const jobs = await Promise.all(Array.from({ length: 20 }, run));
    const pulses = jobs.map((job) => {
      const pulse = new Pulse('m', () => performance.now());
      heartbeat.watch({ jobId: job.id, fence: job.fence }, pulse);
      pulse.call();
      return pulse;
    });
    let characters = 0;
    const tokens = setInterval(() => {
      characters += 4;
      for (const pulse of pulses) pulse.heard(characters);
    }, 2);
    await until('five beats', () => Promise.resolve(startsMs.length >= 5));
    clearInterval(tokens);
    heartbeat.stop();
    const gapsMs = startsMs.slice(1).map((startMs, index) => startMs - (startsMs[index] ?? 0));
    // Timers of Node may fire up to a millisecond early.
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(everyMs - 2);
    for (const job of jobs) expect((await progressOf(job))?.tokens).toBeGreaterThan(0);
  });
});

describe('a worker whose provider sends a token every few milliseconds', () => {
  it('writes the progress once a second, for as long as tokens come', async () => {
    const upstream = await startUpstream();
    const env = {
      DATABASE_URL: (await freshDatabase()).url,
      SANDBOX_BASE_URL: upstream.url('sandbox'),
    };
    const api = await openApi(env);
    const worker = await openWorker(env);
    const text = Array.from({ length: 300 }, () => 'word ');
    upstream.script({ replies: [{ text, paceMs: 10 }] });
    const answer = await fetch(`${api.url}/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sandbox/echo', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(answer.status).toBe(200);
    const call = { provider: 'sandbox', code: 'ok' };
    const scrape = await until('the call is counted', async () => {
      const now = await Scrape.of(worker.url);
      return now.value('longhaul_upstream_call_seconds_count', call) === 1 && now;
    });
    const seconds = scrape.value('longhaul_upstream_call_seconds_sum', call);
    const beats = scrape.value('longhaul_progress_beats_total', { outcome: 'written' });
    expect(seconds).toBeGreaterThanOrEqual(3);
    expect(beats).toBeGreaterThanOrEqual(2);
    expect(beats).toBeLessThanOrEqual(seconds + 1);
    await upstream.close();
  });
});

describe('a caller who watches', () => {
  it('sees the wait for the first token, the tokens so far, a silence, and nothing after the end', async () => {
    const upstream = await startUpstream();
    const env = {
      DATABASE_URL: (await freshDatabase()).url,
      SANDBOX_BASE_URL: upstream.url('sandbox'),
    };
    const api = await openApi(env);
    await openWorker(env);
    upstream.script({
      match: { marker: 'before' },
      replies: [{ text: 'x', holdBefore: 'first_token' }],
    });
    upstream.script({
      match: { marker: 'between' },
      replies: [{ text: 'x'.repeat(400), holdBefore: 'end' }],
    });
    const submit = async (marker: string): Promise<string> => {
      const input = { messages: [{ role: 'user', content: `[[${marker}]]` }] };
      const body = JSON.stringify({ type: 'chat', model: 'sandbox/echo', input });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${api.url}/v1/jobs`, { method: 'POST', headers, body });
      return ((await answer.json()) as { id: string }).id;
    };
    interface Watched {
      readonly status: string;
      readonly progress: Record<string, unknown> | null;
    }
    const look = async (id: string, query = ''): Promise<Watched> =>
      (await (await fetch(`${api.url}/v1/jobs/${id}${query}`)).json()) as Watched;
    const [before, between] = [await submit('before'), await submit('between')];

    const waiting = await until('a count of seconds', async () => {
      const job = await look(before);
      return /first token/.test(String(job.progress?.['message'])) && job;
    });
    expect(waiting.progress).toEqual({
      percent: null,
      message: expect.stringMatching(/^waiting for the first token of echo for \d+ s$/) as string,
      tokens: null,
      seconds_since_last_token: null,
    });
    const silent = await until('a silence', async () => {
      const job = await look(between);
      return Number(job.progress?.['seconds_since_last_token']) >= 3 && job;
    });
    expect(silent.progress).toMatchObject({
      message: expect.stringMatching(
        /^echo is answering: about 100 tokens so far, silent for \d+ s$/,
      ) as string,
      tokens: 100,
    });
    upstream.release('all');
    for (const id of [before, between])
      expect(await look(id, '?wait=30')).toMatchObject({ status: 'completed', progress: null });
    await upstream.close();
  });
});
