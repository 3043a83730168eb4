import { ConfigRig, KIMI, fastTarget, openConfigRig } from './config-rig';

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

const LONG_ORDER = [
  ...['glm-5', 'glm-5.1', 'glm-5.2', 'glm-5.3', 'glm-4.7', 'glm-4.6', 'glm-4.5', 'glm-4.5-air'],
  'glm-4.7-flash',
];

describe('a change that is at fault is refused, with place and fix, and the old one stays in force:', () => {
  it.each([
    ['an unknown name', { set: { ROUTING_PROFIL: 'cost' } }, /ROUTING_PROFIL\b.*ROUTING_PROFILE/],
    ['a name that is no override’s', { set: { PORT: 4000 } }, /PORT/],
    ['a key', { set: { GLM_API_KEY: 'secret-of-mine' } }, /GLM_API_KEY/],
    ['a base URL', { set: { GLM_BASE_URL: 'https://example.org' } }, /GLM_BASE_URL/],
    ['a wrong type', { set: { COST_AWARE: 'yes please' } }, /COST_AWARE/],
    ['a wrong word', { set: { ROUTING_PROFILE: 'turbo' } }, /ROUTING_PROFILE/],
    ['a cap below 0', { set: { MAX_INFLIGHT_GLM: -1 } }, /MAX_INFLIGHT_GLM/],
    ['an unknown model', { set: { TIER_FAST: ['glm/glm-4.7-flush'] } }, /glm-4\.7-flush.*glm-4\.7-flash/s],
    ['an unknown provider', { set: { ALLOWED_PROVIDERS: ['glmm'] } }, /glmm.*glm/s],
    ['a list that names one twice', { set: { GLM_PREFERRED_MODELS: ['glm-5', 'glm-5'] } }, /glm-5/],
    ['an over-long order of fallbacks', { set: { GLM_FALLBACK_ORDER: LONG_ORDER } }, /GLM_FALLBACK_ORDER/],
    ['an unknown ranking step', { set: { ROUTING_ORDER: ['price'] } }, /ROUTING_ORDER/],
    ['thresholds out of order', { set: { TIER_FAST_BELOW: 7 } }, /TIER_(FAST|BALANCED)_BELOW/],
    ['weights that do not sum to 1', { set: { TIER_AGENT_WEIGHT: 0.7 } }, /TIER_(AGENT|STEP)_WEIGHT/],
    ['a negative price', { prices: { 'glm/glm-5': { input: -1, output: 1, source: 'x' } } }, /glm\/glm-5/],
    ['a price of no model', { prices: { 'glm/glm-55': { input: 1, output: 1, source: 'x' } } }, /glm-55/],
    ['what is not overridden', { unset: ['TIER_POWERFUL'] }, /TIER_POWERFUL/],
    [
      'another provider’s model in a preferred list',
      { set: { GLM_PREFERRED_MODELS: ['moonshot/kimi-k3'] } },
      /moonshot.*glm alone/,
    ],
    [
      'another provider’s model as the fast one',
      { set: { GLM_SPEED_MODEL: 'kimi/kimi-for-coding' } },
      /GLM_SPEED_MODEL.*kimi/,
    ],
    ['a string of too many words', { set: { TIER_FAST: 'x,'.repeat(101) } }, /TIER_FAST.*|100/],
    [
      'a key inside a list',
      { set: { OLLAMA_PREFERRED_MODELS: 'llama3,sk-abcdefghijklmnopqrst' } },
      /OLLAMA_PREFERRED_MODELS/,
    ],
    ['a key in the reason', { set: { COST_AWARE: true }, reason: 'for sk-abcdefghijklmnopqrst' }, /reason/],
    ['a key for a name', { set: { 'sk-abcdefghijklmnopqrst': true } }, /name of an override/],
    ['a version that is past', { set: { COST_AWARE: true }, expected_version: 999 }, /999/],
  ])('%s', async (_, body, named) => {
    await change({ set: { TIER_FAST: [KIMI] } });
    const before = await rig.current();
    const refused = await change(body);
    expect(refused).toMatchObject({ status: 422, body: { code: 'config_rejected' } });
    expect(refused.body.faults).toEqual([expect.any(String)]);
    expect((refused.body.faults as string[]).join('\n')).toMatch(named);
    expect(JSON.stringify(refused.body)).not.toMatch(/secret-of-mine|abcdefghijklmnopqrst/);
    expect([await rig.current(), await fastTarget(ask)]).toEqual([before, KIMI]);
  });

  it.each([
    ['no reason', { reason: undefined, set: { COST_AWARE: true } }, '/reason'],
    ['an empty reason', { reason: '', set: { COST_AWARE: true } }, '/reason'],
    ['nothing to change', {}, ''],
    ['a setting that is a table', { set: { COST_AWARE: { on: true } } }, '/set'],
    ['a null', { set: { COST_AWARE: null } }, '/set'],
    ['a price that is a number', { prices: { 'glm/glm-5': 3 } }, '/prices'],
    ['set and unset at once', { set: { COST_AWARE: true }, unset: ['COST_AWARE'] }, '/unset/0'],
    ['a name twice', { unset: ['COST_AWARE', 'COST_AWARE'] }, '/unset'],
    ['a field that is none', { sets: { COST_AWARE: true } }, '/sets'],
  ])('%s', async (_, body, pointer) => {
    const before = await rig.current();
    const refused = await change(body);
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(refused.body.errors).toContainEqual({ pointer, detail: expect.any(String) });
    expect(await rig.current()).toBe(before);
  });

  it('a rollback to a version that is not there, or without a reason', async () => {
    expect(await rig.rollback(12_345)).toMatchObject({
      status: 422,
      body: { code: 'config_rejected', error: { param: 'version' } },
    });
    expect((await ask('POST /v1/admin/config/rollback', { version: 0 })).status).toBe(422);
    for (const version of ['0', '12345', 'abc', '-1', '9'.repeat(40)]) {
      expect([version, (await ask(`GET /v1/admin/config/${version}`)).status]).toEqual([version, 404]);
    }
    for (const wrong of ['limit=0', 'limit=x', 'before=-1', 'page=2', 'limit=1&limit=2']) {
      expect([wrong, (await ask(`GET /v1/admin/config?${wrong}`)).status]).toEqual([wrong, 400]);
    }
  });

  it('and a caller who may only send jobs may do none of it', async () => {
    for (const route of [
      'GET /v1/config/effective',
      'POST /v1/admin/config',
      'GET /v1/admin/config',
      'GET /v1/admin/config/1',
      'POST /v1/admin/config/rollback',
      'POST /v1/admin/registry/reload',
      'GET /v1/registry/snapshot',
    ]) {
      expect([route, (await ask(route, undefined, 'ada')).status]).toEqual([route, 403]);
    }
  });
});
