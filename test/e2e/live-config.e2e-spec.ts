import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { Scrape } from '../support/metrics-text';
import { AppProcess, startApi } from '../support/processes';
import { ROOT, scratchDirectory } from '../support/scratch';
import { backEnds, freshDatabase } from '../support/stores';

jest.setTimeout(180_000);

/** The promise: every process follows within it. */
const WITHIN_MS = 2000;
const GLM = 'glm/glm-4.6';
const MOONSHOT = 'moonshot/kimi-k2.6';

interface Version {
  readonly version: number;
}

async function post<Body>(api: AppProcess, path: string, body: object): Promise<Body> {
  const answer = await fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
  return (await answer.json()) as Body;
}

async function fastTargetOf(api: AppProcess): Promise<string> {
  const input = { messages: [{ role: 'user', content: 'hello' }] };
  const { chain } = await post<{ chain: readonly { provider: string; model: string }[] }>(
    api,
    '/v1/routes/explain',
    { type: 'chat', model: 'tier:fast', input },
  );
  return chain.map(({ provider, model }) => `${provider}/${model}`)[0] ?? 'none';
}

const versionOf = async (app: AppProcess): Promise<number> =>
  (await Scrape.of(app.url)).value('longhaul_config_version');

const all = async (apps: readonly AppProcess[], holds: (app: AppProcess) => Promise<boolean>) =>
  (await Promise.all(apps.map(holds))).every(Boolean);

const change = (api: AppProcess, targets: readonly string[]): Promise<Version> =>
  post(api, '/v1/admin/config', { set: { TIER_FAST: targets }, reason: 'a test' });

async function originOf(api: AppProcess, name: string): Promise<unknown> {
  const answer = await fetch(`${api.url}/v1/config/effective`);
  const { data } = (await answer.json()) as { data: { name: string; origin: string }[] };
  return data.find((row) => row.name === name)?.origin;
}

describe.each(backEnds())('an override (%s)', (backEnd) => {
  let longhaul: Longhaul;
  let apis: AppProcess[];
  let workers: AppProcess[];

  const everywhere = async (version: number, target: string): Promise<void> => {
    const apps = [...apis, ...workers];
    const follows = async (): Promise<boolean> =>
      (await all(apps, async (app) => (await versionOf(app)) === version)) &&
      (await all(apis, async (api) => (await fastTargetOf(api)) === target));
    await until(`version ${String(version)} in all processes`, follows, WITHIN_MS);
  };

  beforeAll(async () => {
    longhaul = await startLonghaul({ backEnd, env: { TIER_FAST: GLM } });
    longhaul.upstream.script({ match: {}, replies: [{ text: 'done', repeat: 'forever' }] });
    apis = [longhaul.api, await longhaul.secondApi()];
    workers = await Promise.all([longhaul.worker(), longhaul.worker(), longhaul.worker()]);
  });

  it('changes the next job’s target in two API and three worker processes within two seconds, shows its origin, and rolls back', async () => {
    const [first, second] = apis as [AppProcess, AppProcess];
    await everywhere(0, GLM);
    const earlier = await longhaul.chat('tier:fast', 'before', { run_at: Math.floor(Date.now() / 1000) + 5 });
    const { version } = await change(first, [MOONSHOT]);
    await everywhere(version, MOONSHOT);
    expect(await originOf(second, 'TIER_FAST')).toBe('override');
    const { id } = await longhaul.chat('tier:fast', 'after');
    expect(await longhaul.ended(id)).toMatchObject({
      status: 'completed',
      resolved: { provider: 'moonshot', model: 'kimi-k2.6' },
    });
    // Accepted before the change: it keeps its decision.
    expect(await longhaul.ended(earlier.id)).toMatchObject({
      status: 'completed',
      resolved: { provider: 'glm' },
    });
    const back = await post<Version>(second, '/v1/admin/config/rollback', { version: 0, reason: 'a test' });
    await everywhere(back.version, GLM);
    expect(await originOf(first, 'TIER_FAST')).toBe('environment');
  });

  it('is in force from the start in processes that were killed and come back', async () => {
    const [first, second] = apis as [AppProcess, AppProcess];
    const [killed, ...others] = workers as [AppProcess, ...AppProcess[]];
    second.kill('SIGKILL');
    killed.kill('SIGKILL');
    await Promise.all([second.exited, killed.exited]);
    const { version } = await change(first, [MOONSHOT]);
    apis = [first, await longhaul.secondApi()];
    workers = [...others, await longhaul.worker()];
    expect(await fastTargetOf(apis[1] ?? first)).toBe(MOONSHOT);
    await everywhere(version, MOONSHOT);
  });
});

describe('a process whose files do not go with the overrides', () => {
  it('does not start, names the version and the way out, and starts by it', async () => {
    const files = scratchDirectory('config');
    cpSync(join(ROOT, 'config'), files, { recursive: true });
    const models = join(files, 'models.toml');
    const shipped = readFileSync(models, 'utf8');
    writeFileSync(models, `${shipped}\n[[model]]\nid = "ours-alone"\nprovider = "sandbox"\n`);
    const env = { DATABASE_URL: (await freshDatabase()).url, LONGHAUL_CONFIG_DIR: files };
    const api = await startApi({ env });
    const { version } = await change(api, ['sandbox/ours-alone']);
    writeFileSync(models, shipped);
    const refused = await startApi({ env, waitUntilReady: false });
    expect(await refused.exited).toBe(1);
    expect(refused.logs()).toContain(`version ${String(version)} of the overrides`);
    expect(refused.logs()).toMatch(/ours-alone.*LONGHAUL_IGNORE_OVERRIDES=true/s);
    const alone = await startApi({ env: { ...env, LONGHAUL_IGNORE_OVERRIDES: 'true' } });
    expect(await versionOf(alone)).toBe(0);
    await post(alone, '/v1/admin/config/rollback', { version: 0, reason: 'the way out' });
    await startApi({ env });
  });
});
