import { join } from 'node:path';
import { Metrics } from '@longhaul/metrics';
import { EVERYTHING_WELL, Registry, defaultPolicy } from '@longhaul/registry';
import { NO_OVERRIDES, SettingsError, SettingsLoader, loadSettings } from '@longhaul/settings';
import { LiveConfig } from '../../libs/jobs/src/live-config';
import { ConfigBuilder } from '../../libs/jobs/src/live-config-build';
import { ConfigChanges } from '../../libs/jobs/src/live-config-changes';
import { freshRecords } from '../support/records';
import { ROOT } from '../support/scratch';

const NOBODY = { set: {}, unset: [], unsetPrices: [], expectedVersion: null };

it('a price that takes effect on a later day is in force on that day, without a change or a restart', async () => {
  const records = await freshRecords();
  const clock = { day: '2026-11-30' };
  const load: SettingsLoader = (overrides) =>
    loadSettings({ env: {}, configDir: join(ROOT, 'config'), overrides, today: clock.day });
  const boot = load(NO_OVERRIDES);
  const builder = new ConfigBuilder({ load, boot, policy: defaultPolicy, health: EVERYTHING_WELL });
  const registry = new Registry(builder.build(NO_OVERRIDES, 0).state);
  const errors: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (line: string) => errors.push(line) };
  const live = new LiveConfig(
    { records, registry, builder, metrics: new Metrics(), log },
    { everyMs: 60_000, ignoresOverrides: false, nowMs: () => Date.parse(`${clock.day}T23:59:59Z`) },
  );
  await live.load();
  const priceNow = (): number | undefined =>
    registry.state.settings.models.find(({ id, provider }) => provider === 'glm' && id === 'glm-5')?.price
      ?.inputPerMTok;
  const shipped = priceNow();
  const changes = new ConfigChanges({ records, builder, live, boot });
  const price = { input: 9, output: 99, source: 'a test', effective_from: '2026-12-01' };
  await changes.change({ ...NOBODY, prices: { 'glm/glm-5': price } }, { author: 'ada', reason: 'a test' });
  expect([live.current.version, priceNow()]).toEqual([1, shipped]);
  clock.day = '2026-12-01';
  await live.refresh();
  expect([live.current.version, priceNow(), errors]).toEqual([1, 9, []]);
});

it('a day whose files cannot be used is tried again once they are mended, and says so in words of its own', async () => {
  const records = await freshRecords();
  const clock = { now: Date.parse('2026-11-30T23:59:59Z'), isBroken: false };
  const load: SettingsLoader = (overrides) => {
    if (clock.isBroken) throw new SettingsError('models.toml is broken', 'Mend it');
    return loadSettings({ env: {}, configDir: join(ROOT, 'config'), overrides });
  };
  const boot = load(NO_OVERRIDES);
  const builder = new ConfigBuilder({ load, boot, policy: defaultPolicy, health: EVERYTHING_WELL });
  const registry = new Registry(builder.build(NO_OVERRIDES, 0).state);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const live = new LiveConfig(
    { records, registry, builder, metrics: new Metrics(), log },
    { everyMs: 60_000, ignoresOverrides: false, nowMs: () => clock.now },
  );
  await live.load();
  clock.now += 2_000;
  clock.isBroken = true;
  await live.refresh();
  expect(live.trouble).toMatch(/^The files of today cannot be used, .*models\.toml is broken/);
  clock.isBroken = false;
  await live.refresh();
  expect(live.trouble).not.toBeNull();
  clock.now += 60_000;
  await live.refresh();
  expect(live.trouble).toBeNull();
});

it('a reload is followed also where the overrides are ignored', async () => {
  const records = await freshRecords();
  let loads = 0;
  const load: SettingsLoader = (overrides) => {
    loads++;
    return loadSettings({ env: {}, configDir: join(ROOT, 'config'), overrides });
  };
  const boot = load(NO_OVERRIDES);
  const builder = new ConfigBuilder({ load, boot, policy: defaultPolicy, health: EVERYTHING_WELL });
  const registry = new Registry(builder.build(NO_OVERRIDES, 0).state);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const live = new LiveConfig(
    { records, registry, builder, metrics: new Metrics(), log },
    { everyMs: 60_000, ignoresOverrides: true, nowMs: () => Date.now() },
  );
  await live.load();
  const changes = new ConfigChanges({ records, builder, live, boot });
  const before = loads;
  await changes.reload({ author: 'ada', reason: 'a test' });
  // Once to check it, once to follow it.
  expect([loads - before, live.current.version]).toEqual([2, 0]);
});
