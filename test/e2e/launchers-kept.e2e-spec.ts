import { Client } from 'pg';
import { Started, postgresPid, startAll } from '../support/launchers';
import { until } from '../support/longhaul';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

jest.setTimeout(180_000);

const BACK_WITHIN_MS = 5_000;
const JOBS = 6;

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream({ patienceMs: 60_000 });
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

/** With a key and this test's upstream behind it; the lease is short, so that a dead worker's jobs come soon. */
const withProvider = (more: Readonly<Record<string, string>> = {}): Promise<Started> =>
  startAll({
    MOONSHOT_API_KEY: 'lh-moonshot-1',
    MOONSHOT_BASE_URL: upstream.url('moonshot'),
    LEASE_SECS: '4',
    ...more,
  });

const holdEveryAnswer = (): void =>
  upstream.script({
    match: { provider: 'moonshot' },
    replies: [{ holdBefore: 'first_token', text: 'done', repeat: 100 }],
  });

async function submit(url: string, marker: string): Promise<string> {
  const answer = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'chat',
      model: 'moonshot/kimi-k2.6',
      fallbacks: [],
      input: { messages: [{ role: 'user', content: `hello [[${marker}]]` }] },
    }),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { id: string }).id;
}

const submitAll = (url: string): Promise<string[]> =>
  Promise.all(Array.from({ length: JOBS }, (_, index) => submit(url, `job-${String(index)}`)));

const statusesOf = (url: string, ids: readonly string[]): Promise<string[]> =>
  Promise.all(
    ids.map((id) =>
      until(
        `the end of ${id}`,
        async () => {
          const job = (await (await fetch(`${url}/v1/jobs/${id}?wait=5`)).json()) as Record<string, unknown>;
          return typeof job.completed_at === 'number' && String(job.status);
        },
        90_000,
      ),
    ),
  );

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
};

/** Kills it, and returns how long its own port stayed without a ready process. */
async function killAndTime(start: Started, name: string, url: string): Promise<number> {
  const pid = start.pidOf(name);
  process.kill(pid, 'SIGKILL');
  const killedAt = performance.now();
  await until(`${name} on ${url}`, async () => start.pidOf(name) !== pid && (await isReady(url)));
  return performance.now() - killedAt;
}

/** Whose claim each job is under: a lease's owner is `host:pid:random`. */
async function holdersOf(databaseUrl: string, ids: readonly string[]): Promise<number[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string; lease_owner: string }>(
    'SELECT id, lease_owner FROM jobs WHERE lease_owner IS NOT NULL',
  );
  await client.end();
  return ids.map((id) => Number(rows.find((row) => row.id === id)?.lease_owner.split(':')[1]));
}

const workerUrls = (start: Started): string[] =>
  /^Workers: +(.*)$/m.exec(start.output())?.[1]?.split(/ +/) ?? [];

const callsPerJob = (): number[] =>
  Array.from({ length: JOBS }, (_, index) => upstream.calls({ marker: `job-${String(index)}` }).length);

describe('npm start, when something that it started dies', () => {
  it('has a killed worker back on its health port; every job ends once, and only its own calls are made again', async () => {
    const { url: DATABASE_URL } = await freshDatabase();
    const start = await withProvider({ DATABASE_URL });
    holdEveryAnswer();
    const ids = await submitAll(start.url);
    await upstream.waitForHeld(JOBS);
    const holders = await holdersOf(DATABASE_URL, ids);
    const index = holders.includes(start.pidOf('worker-1')) ? 1 : 2;
    const doomed = `worker-${String(index)}`;
    const expected = holders.map((pid) => (pid === start.pidOf(doomed) ? 2 : 1));

    const tookMs = await killAndTime(start, doomed, workerUrls(start)[index - 1] ?? '');
    expect(tookMs).toBeLessThanOrEqual(BACK_WITHIN_MS);
    await start.says(
      /worker-\d \(pid \d+\) ended by itself \(SIGKILL\) after \d+ s; starting it again in 0\.5 s\. Its log .*worker-\d\.log ends with: (?!.*"msg":)./,
    );
    await start.says(`${doomed} is back`);

    upstream.release('all');
    expect(await statusesOf(start.url, ids)).toEqual(ids.map(() => 'completed'));
    expect(callsPerJob()).toEqual(expected);
  });

  it('has a killed API back on its port; running jobs notice nothing, and are called once each', async () => {
    const { url: DATABASE_URL } = await freshDatabase();
    const start = await withProvider({ DATABASE_URL });
    expect(start.output()).toContain('Providers:  moonshot (MOONSHOT_API_KEY)\n');
    expect(start.output()).not.toMatch(/^Upstream:/m);
    expect(start.pidOf('sandbox')).toBe(0);
    holdEveryAnswer();
    const ids = await submitAll(start.url);
    await upstream.waitForHeld(JOBS);

    expect(await killAndTime(start, 'api', start.url)).toBeLessThanOrEqual(BACK_WITHIN_MS);
    upstream.release('all');
    expect(await statusesOf(start.url, ids)).toEqual(ids.map(() => 'completed'));
    expect(callsPerJob()).toEqual(ids.map(() => 1));
  });

  it('waits longer before each further start', async () => {
    const start = await startAll({ DATABASE_URL: (await freshDatabase()).url });
    for (const wait of ['0.5', '1', '2']) {
      process.kill(start.pidOf('sandbox'), 'SIGKILL');
      await start.says(`starting it again in ${wait} s`);
      const dead = start.pidOf('sandbox');
      await until('another sandbox', async () => Promise.resolve(start.pidOf('sandbox') !== dead));
    }
  });

  it('has a killed PostgreSQL back with its port and its data, and the jobs that ran go on', async () => {
    const start = await withProvider();
    holdEveryAnswer();
    const ids = await submitAll(start.url);
    await upstream.waitForHeld(JOBS);
    process.kill(postgresPid(start.dataDir), 'SIGKILL');
    await start.says('PostgreSQL is back');
    upstream.release('all');
    await until('the API', () => isReady(start.url));
    expect(await statusesOf(start.url, ids)).toEqual(ids.map(() => 'completed'));
    expect(callsPerJob()).toEqual(ids.map(() => 1));
  });

  it('starts nothing again once it has been asked to stop', async () => {
    const start = await startAll({ DATABASE_URL: (await freshDatabase()).url });
    process.kill(start.pidOf('worker-2'), 'SIGKILL');
    await start.says('starting it again');
    start.child.kill('SIGINT');
    expect(await start.exited).toBe(0);
    expect(start.output()).not.toContain('worker-2 is back');
  });
});
