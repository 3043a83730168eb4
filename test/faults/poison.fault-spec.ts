import { AppProcess } from '../support/processes';
import { Longhaul, startLonghaul } from '../support/longhaul';

jest.setTimeout(180_000);

const LEASE_SECS = 4;
const DEATHS = 3;
const NEIGHBOURS = 6;
const MODEL = 'moonshot/kimi-k2.6';

/** Workers that the upstream can tell apart, by the path at which each of them calls it. */
class Fleet {
  private readonly workers = new Map<string, AppProcess>();
  private readonly starting: Promise<void>[] = [];
  private started = 0;

  constructor(private readonly longhaul: Longhaul) {}

  async start(): Promise<void> {
    this.started += 1;
    const name = `worker-${String(this.started)}`;
    const url = this.longhaul.upstream.url(name);
    this.workers.set(name, await this.longhaul.worker({ MOONSHOT_BASE_URL: url }));
  }

  /** Another takes its place. */
  async kill(name: string): Promise<void> {
    const worker = this.workers.get(name);
    if (!worker) throw new Error(`there is no ${name}`);
    worker.kill('SIGKILL');
    await worker.exited;
    this.starting.push(this.start());
  }

  async whole(): Promise<void> {
    await Promise.all(this.starting);
  }
}

describe('a job whose worker is killed each time that it runs', () => {
  it('is poison after three deaths, and all who ran beside it complete', async () => {
    const longhaul = await startLonghaul({
      backEnd: 'postgres',
      env: { LEASE_SECS: String(LEASE_SECS) },
    });
    const { upstream } = longhaul;
    upstream.script({ replies: [{ text: 'done', delayFirstTokenMs: 2500, repeat: 'forever' }] });
    upstream.script({
      match: { marker: 'poison' },
      replies: [{ text: 'never', holdBefore: 'first_token', repeat: 'forever' }],
    });
    const poison = await longhaul.chat(MODEL, 'poison');
    const neighbours = await Promise.all(
      Array.from({ length: NEIGHBOURS }, (_, at) => longhaul.chat(MODEL, `beside-${String(at)}`)),
    );
    const fleet = new Fleet(longhaul);
    await Promise.all([fleet.start(), fleet.start(), fleet.start()]);
    for (let death = 1; death <= DEATHS; death += 1) {
      const calls = await upstream.waitForCalls(death, { marker: 'poison' });
      await fleet.kill(calls.at(-1)?.provider ?? '');
    }
    expect(await longhaul.ended(poison.id)).toMatchObject({ status: 'failed', error: { code: 'poison' } });
    const ends = await Promise.all(neighbours.map(({ id }) => longhaul.ended(id)));
    await fleet.whole();

    expect(ends.map(({ status }) => status)).toEqual(neighbours.map(() => 'completed'));
    expect((await longhaul.attempts(poison.id)).map(({ error }) => error?.code)).toEqual(
      Array.from({ length: DEATHS }, () => 'worker_lost'),
    );
    expect(upstream.calls({ marker: 'poison' })).toHaveLength(DEATHS);
    const blamed = await longhaul.sql<{ id: string }>(
      `SELECT id FROM jobs WHERE deaths >= ${String(DEATHS)}`,
    );
    expect(blamed).toEqual([{ id: poison.id }]);
    expect(await longhaul.sql('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).toEqual([]);
  });
});
