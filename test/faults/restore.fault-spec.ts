import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { callsTo, Longhaul, startLonghaul, until } from '../support/longhaul';
import { AppProcess } from '../support/processes';
import { backEnds, PostgresServer, startPostgres } from '../support/stores';

jest.setTimeout(240_000);

const backEnd = backEnds().at(-1) ?? 'postgres';
const MODEL = 'moonshot/kimi-k2.6';

function isSpooled({ dataDir }: AppProcess, jobId: string): boolean {
  const folder = join(dataDir, 'spool');
  const logs = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.log')) : [];
  return logs.some((name) => readFileSync(join(folder, name), 'utf8').includes(`${jobId} `));
}

/** With owners and modes: as root, PostgreSQL runs as another user. */
const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

const killed = async (app: AppProcess): Promise<void> => {
  app.kill('SIGKILL');
  await app.exited;
};

/** One job has ended, one is paid for and only in the spool, one waits with a ticket; then every process dies. */
async function halfWay(longhaul: Longhaul, postgres: PostgresServer): Promise<readonly string[]> {
  const { upstream, api } = longhaul;
  upstream.script({
    match: { provider: 'moonshot' },
    replies: [{ text: 'paid' }, { holdBefore: 'first_token', text: 'paid', repeat: 'forever' }],
  });
  const worker = await longhaul.worker();
  const ended = await longhaul.chat(MODEL, 'ended');
  await longhaul.ended(ended.id);
  const spooled = await longhaul.chat(MODEL, 'spooled');
  await upstream.waitForHeld(1, { marker: 'spooled' });
  const waiting = await longhaul.chat(MODEL, 'waiting');
  await until('a ticket of the waiting job', async () => {
    const [row] = await longhaul.sql<{ rung: boolean }>(
      `SELECT rung_at IS NOT NULL AS rung FROM jobs WHERE id = '${waiting.id}'`,
    );
    return row?.rung ?? false;
  });
  await postgres.freeze();
  upstream.release('all');
  await until('the answer in the spool', async () => isSpooled(api, spooled.id));
  await Promise.all([killed(worker), killed(api)]);
  await postgres.thaw();
  return [ended.id, spooled.id, waiting.id];
}

describe('the drill of docs/operations.md: PostgreSQL restored from its backup, Redis emptied first', () => {
  it('ends every job of the backup, and pays for none twice', async () => {
    const postgres = await startPostgres();
    const longhaul = await startLonghaul({
      ...{ backEnd, postgres },
      env: { LEASE_SECS: '3', MAX_INFLIGHT_MOONSHOT: '1' },
    });
    const jobs = await halfWay(longhaul, postgres);
    const backup = `${postgres.directory}.backup`;
    await postgres.stop();
    copy(postgres.directory, backup);
    await postgres.start();
    await longhaul.sql(`DELETE FROM jobs`);
    await longhaul.redis?.flushAll();
    await postgres.stop();
    rmSync(postgres.directory, { recursive: true });
    copy(backup, postgres.directory);
    await postgres.start();

    longhaul.upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ text: 'paid', repeat: 'forever' }],
    });
    const { dataDir } = longhaul.api;
    const api = await longhaul.secondApi({ LONGHAUL_DATA_DIR: dataDir });
    await longhaul.worker();
    const ends = await Promise.all(jobs.map((id) => callsTo(api).ended(id)));
    expect(ends.map(({ status }) => status)).toEqual(jobs.map(() => 'completed'));
    expect(longhaul.upstream.calls().map(({ marker }) => marker)).toEqual(['ended', 'spooled', 'waiting']);
    expect(await longhaul.sql('SELECT call FROM ledger')).toEqual(jobs.map(() => ({ call: 'answered' })));
    expect(await longhaul.sql('SELECT sum(deaths)::int AS deaths FROM jobs')).toEqual([{ deaths: 0 }]);
  });
});
