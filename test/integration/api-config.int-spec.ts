import { query } from '../support/longhaul';
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

describe('a change of the configuration', () => {
  it('holds for the next job, shows its origin, stays in the history, and rolls back', async () => {
    expect(await rig.effective('TIER_FAST')).toEqual({
      name: 'TIER_FAST',
      value: [FLASH],
      origin: 'environment',
      place: 'TIER_FAST',
      overridable: true,
    });
    expect(await fastTarget(ask)).toBe(FLASH);
    const before = await rig.current();
    const changed = await change({ set: { TIER_FAST: [KIMI] }, expected_version: before });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        object: 'config.version',
        version: before + 1,
        kind: 'change',
        author: 'operator',
        reason: REASON,
        rolled_back_to: null,
        changes: { TIER_FAST: { before: null, after: [KIMI] } },
        settings: { TIER_FAST: [KIMI] },
        prices: {},
      },
    });
    expect(changed.headers.get('cache-control')).toBe('no-store');
    expect(await fastTarget(ask)).toBe(KIMI);
    expect(await rig.effective('TIER_FAST')).toMatchObject({ origin: 'override', place: null });
    expect((await ask(`GET /v1/admin/config/${String(before + 1)}`)).body).toEqual(changed.body);
    expect((await rig.rollback(before)).body).toMatchObject({
      version: before + 2,
      kind: 'rollback',
      rolled_back_to: before,
      changes: { TIER_FAST: { before: [KIMI], after: null } },
      settings: {},
    });
    expect(await fastTarget(ask)).toBe(FLASH);
    expect(await rig.effective('TIER_FAST')).toMatchObject({ origin: 'environment' });
    const page = (await ask('GET /v1/admin/config?limit=1')).body;
    expect(page).toMatchObject({ object: 'list', data: [{ version: before + 2 }], has_more: true });
    const older = (await ask(`GET /v1/admin/config?before=${String(before + 2)}`)).body;
    expect((older.data as { version: number }[])[0]?.version).toBe(before + 1);
  });

  it('keeps what it does not name, and lets go of what it unsets', async () => {
    await change({ set: { ROUTING_PROFILE: 'cost' } });
    const { body } = await change({ set: { COST_AWARE: true } });
    expect(body.settings).toEqual({ COST_AWARE: true, ROUTING_PROFILE: 'cost' });
    const unset = await change({ unset: ['ROUTING_PROFILE'] });
    expect(unset.body).toMatchObject({
      settings: { COST_AWARE: true },
      changes: { ROUTING_PROFILE: { before: 'cost', after: null } },
    });
  });

  it('of a price holds in the catalogue until it is unset', async () => {
    const price = async () => (await ask('GET /v1/models/glm/glm-5')).body.price;
    const shipped = await price();
    const priced = await change({ prices: { 'glm/glm-5': { input: 9, output: 99, source: 'a test' } } });
    expect([priced.status, priced.body.detail]).toEqual([200, undefined]);
    expect(await price()).toMatchObject({ input_per_mtok_usd: 9, output_per_mtok_usd: 99 });
    expect((await ask('GET /v1/config/effective')).body.prices).toMatchObject([
      { model: 'glm/glm-5', price: { input_per_mtok_usd: 9 }, origin: 'override' },
    ]);
    await change({ prices: { 'glm/glm-5': null } });
    expect(await price()).toBeNull();
    await change({ unset_prices: ['glm/glm-5'] });
    expect(await price()).toEqual(shipped);
  });

  it('that is rehearsed is answered in full and written nowhere', async () => {
    const before = await rig.current();
    const { status, body } = await change({ set: { TIER_FAST: [KIMI] }, dry_run: true });
    expect([status, body.created_at, body.version]).toEqual([200, null, before + 1]);
    expect([await rig.current(), await fastTarget(ask)]).toEqual([before, FLASH]);
  });

  it('of a cap is in force at once, with its slot rows, and falls back to the boot’s', async () => {
    const lane = async (name: string) =>
      (
        await query<{ cap: number; override_cap: number | null; slots: number }>(
          rig.databaseUrl,
          `SELECT cap, override_cap, (SELECT max(n) FROM slots WHERE scope = name) AS slots
           FROM lanes WHERE name = '${name}'`,
        )
      )[0];
    await change({ set: { MAX_INFLIGHT_GLM: 25, MAX_INFLIGHT_TOTAL: 60 } });
    expect(await lane('glm')).toEqual({ cap: 10, override_cap: 25, slots: 25 });
    expect(await lane('*')).toEqual({ cap: 48, override_cap: 60, slots: 60 });
    expect((await ask('GET /v1/providers/glm')).body.cap).toBe(25);
    await change({ set: { MAX_INFLIGHT_GLM: 0 } });
    expect(await lane('glm')).toMatchObject({ override_cap: 0 });
    expect(await fastTarget(ask)).not.toBe(FLASH);
    await change({ unset: ['MAX_INFLIGHT_GLM', 'MAX_INFLIGHT_TOTAL'] });
    expect(await lane('glm')).toMatchObject({ cap: 10, override_cap: null });
    expect(await lane('*')).toMatchObject({ cap: 48, override_cap: null });
  });

  it('turns providers off and on', async () => {
    await change({ set: { DISABLED_PROVIDERS: ['glm'] } });
    expect(await fastTarget(ask)).not.toBe(FLASH);
    await change({ unset: ['DISABLED_PROVIDERS'], set: { ALLOWED_PROVIDERS: ['glm'] } });
    expect(await fastTarget(ask)).toBe(FLASH);
  });
});
