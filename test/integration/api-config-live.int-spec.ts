import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/longhaul';
import { scratchDirectory } from '../support/scratch';
import { ConfigRig, FLASH, KIMI, REASON, fastTarget, openConfigRig } from './config-rig';

// Real stores, on machines of any speed.
jest.setTimeout(60_000);

let rig: ConfigRig;
const ask: ConfigRig['ask'] = (...asked) => rig.ask(...asked);
const change: ConfigRig['change'] = (body) => rig.change(body);

beforeAll(async () => {
  rig = await openConfigRig();
});

afterEach(async () => {
  if ((await rig.current()) > 0) await rig.rollback(0);
});

describe('what is in force', () => {
  it('is told without a secret', async () => {
    const { body } = await ask('GET /v1/config/effective');
    expect(body).toMatchObject({ object: 'config.effective', trouble: null });
    expect(await rig.effective('OLLAMA_TIMEOUT_SECS')).toMatchObject({ value: 33, overridable: false });
    for (const secret of ['glm-test-key', 'moonshot-test-key', rig.databaseUrl]) {
      expect(JSON.stringify(body)).not.toContain(secret);
    }
  });

  it('goes to every process, which an own version cannot be changed under', async () => {
    const { process: second, ask: onSecond } = await rig.open();
    const { version } = (await change({ set: { TIER_FAST: [KIMI] } })).body;
    await until('the second process follows', async () => (await fastTarget(onSecond)) === KIMI, 2000);
    const ready = await fetch(`${second.url}/readyz`);
    expect(await ready.json()).toMatchObject({
      status: 'ready',
      checks: { config: `ok: version ${String(version)}` },
    });
    expect(await (await fetch(`${second.url}/metrics`)).text()).toContain(
      `longhaul_config_version ${String(version)}\n`,
    );
    const both = await Promise.all(
      [ask, onSecond].map((on) =>
        on('POST /v1/admin/config', { set: { COST_AWARE: true }, reason: REASON, expected_version: version }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
    await second.close();
  });
});

describe('the snapshot of the registry', () => {
  const written = (): Record<string, unknown> =>
    JSON.parse(readFileSync(join(rig.dataDir, 'registry-snapshot.json'), 'utf8')) as Record<string, unknown>;

  it('has details of every model, and counts that sum', async () => {
    const { body } = await ask('GET /v1/registry/snapshot');
    const models = body.models as Record<string, unknown>[];
    const providers = body.providers as { name: string; counts: { models: number; aliases: number } }[];
    expect(body.counts).toEqual({
      providers: providers.length,
      models: providers.reduce((sum, { counts }) => sum + counts.models, 0),
      aliases: providers.reduce((sum, { counts }) => sum + counts.aliases, 0),
    });
    expect(body.counts).toMatchObject({
      models: models.length,
      aliases: Object.keys(body.aliases as object).length,
    });
    for (const { id, aliases, capabilities, temperature, status, tags } of models) {
      expect([id, aliases, capabilities, temperature, status, tags]).not.toContain(null);
    }
    expect(models.find(({ id }) => id === KIMI)).toMatchObject({
      context_window: 262_144,
      capabilities: expect.arrayContaining(['tools', 'reasoning']),
      price: { input_per_mtok_usd: expect.any(Number) },
    });
    expect(body.priority).toEqual(providers.map(({ name }) => name));
    expect((body.rules as string[])[0]).toBe('allowed-provider');
    expect(body.ranking).toContain('provider_priority');
    expect(JSON.stringify(body)).not.toContain('glm-test-key');
  });

  it('lies in the data directory too, is replaced whole by each exchange, and leaves nothing beside', async () => {
    const first = written();
    expect(first).toMatchObject({ object: 'registry.snapshot', version: await rig.current() });
    const { version } = (await change({ set: { DISABLED_PROVIDERS: ['ollama'] } })).body;
    const now = (await ask('GET /v1/registry/snapshot')).body;
    expect(written()).toEqual({ ...now, generated_at: expect.any(Number) });
    expect(written()).toMatchObject({ version, restrictions: { disabled_providers: ['ollama'] } });
    expect(written().hash).not.toBe(first.hash);
    expect(written().catalogue_version).toBe(first.catalogue_version);
    expect(readdirSync(rig.dataDir).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

describe('reading the files again', () => {
  it('brings new models into force, and names what only a restart can', async () => {
    const shipped = readFileSync(join(rig.configDir, 'models.toml'), 'utf8');
    const { body: before } = await ask('GET /v1/registry/snapshot');
    rig.edit('models.toml', (text) => text.replace('id = "glm-4.7-flash"', 'id = "glm-4.7-fresh"'));
    const refused = await ask('POST /v1/admin/registry/reload', {});
    expect(refused).toMatchObject({ status: 422, body: { code: 'config_rejected' } });
    expect((await ask('GET /v1/models/glm/glm-4.7-flash')).status).toBe(200);
    rig.edit(
      'models.toml',
      () => `${shipped}\n[[model]]\nid = "brand-new"\nprovider = "glm"\ncontext_window = 1000\n`,
    );
    rig.edit(
      'providers.toml',
      (text) => `${text}\n[[provider]]\nname = "newcomer"\nbase_url = "https://new.example/v1"\n`,
    );
    const { status, body } = await ask('POST /v1/admin/registry/reload', { reason: 'a new model' });
    expect([status, body.object]).toEqual([200, 'registry.reload']);
    expect(body.restart_needed).toEqual([expect.stringContaining('newcomer')]);
    expect((await ask('GET /v1/models/glm/brand-new')).body.available).toBe(true);
    expect((await ask('GET /v1/registry/snapshot')).body.catalogue_version).not.toBe(
      before.catalogue_version,
    );
    expect((await ask(`GET /v1/admin/config/${String(body.version)}`)).body).toMatchObject({
      kind: 'reload',
      reason: 'a new model',
      changes: {},
    });
  });

  it('a process whose files do not go with the newest version keeps the one before, and says so', async () => {
    const files = scratchDirectory('other-config');
    cpSync(rig.configDir, files, { recursive: true });
    const other = await rig.open({ LONGHAUL_CONFIG_DIR: files });
    rig.edit('models.toml', (text) => `${text}\n[[model]]\nid = "ours-alone"\nprovider = "glm"\n`);
    await ask('POST /v1/admin/registry/reload');
    await change({ set: { TIER_FAST: ['glm/ours-alone'] } });
    const config = async (): Promise<string> =>
      ((await (await fetch(`${other.process.url}/readyz`)).json()) as { checks: { config: string } }).checks
        .config;
    const words = await until('the other process has refused', async () => {
      const now = await config();
      return now.startsWith('ok') ? null : now;
    });
    expect(words).toMatch(/Version \d+ .*cannot be used here.*stays in force.*ours-alone/s);
    expect(await fastTarget(other.ask)).toBe(FLASH);
    const alone = { LONGHAUL_CONFIG_DIR: files, LONGHAUL_IGNORE_OVERRIDES: 'true' };
    const { process: escaped, ask: back } = await rig.open(alone);
    expect(await fastTarget(back)).toBe(FLASH);
    expect((await back('POST /v1/admin/config/rollback', { version: 0, reason: REASON })).status).toBe(200);
    await until('the other process follows again', async () => (await config()).startsWith('ok'));
    expect(await fastTarget(ask)).toBe(FLASH);
    await Promise.all([other.process.close(), escaped.close()]);
  });
});
