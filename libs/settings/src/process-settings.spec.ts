import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { NO_OVERRIDES } from './overrides';
import { loadProcessSettings, processSettingsLoader } from './process-settings';

const folder = new ConfigFolder();
const before = { ...process.env };

beforeEach(() => {
  folder.write('providers.toml', providerBlock('acme'));
  folder.write('policy.toml', '');
  const key = folder.write('key', 'first-key');
  process.env = { LONGHAUL_CONFIG_DIR: folder.path, ACME_API_KEY_FILE: key, COST_AWARE: 'true' };
});
afterEach(() => (process.env = { ...before }));
afterAll(() => folder.remove());

describe("a process's loader", () => {
  it('reads files and key files again at each call, and lays the overrides of that call over them', () => {
    const loader = processSettingsLoader();
    expect(loader(NO_OVERRIDES)).toMatchObject({ policy: { costAware: true, freeFirst: false } });
    expect(loader(NO_OVERRIDES).providers[0]?.key?.reveal()).toBe('first-key');
    folder.write('policy.toml', 'free_first = true\n');
    folder.write('key', 'second-key');
    const second = loader({ settings: { COST_AWARE: false }, prices: {} });
    expect(second.policy).toMatchObject({ costAware: false, freeFirst: true });
    expect(second.providers[0]?.key?.reveal()).toBe('second-key');
    expect(loader(NO_OVERRIDES).policy.costAware).toBe(true);
  });

  it('keeps the environment that it began with', () => {
    const loader = processSettingsLoader();
    process.env['COST_AWARE'] = 'false';
    expect(loader(NO_OVERRIDES).policy.costAware).toBe(true);
    expect(loadProcessSettings().policy.costAware).toBe(false);
  });

  it('knows the dialects that it was told', () => {
    folder.write('providers.toml', providerBlock('acme', 'dialect = "other"'));
    expect(loadProcessSettings(['other']).providers[0]?.dialect).toBe('other');
    expect(() => loadProcessSettings(['another'])).toThrow(/which is not known/);
  });

  it('says when overrides are to be ignored, and leaves it to whoever has them', () => {
    process.env['LONGHAUL_IGNORE_OVERRIDES'] = 'yes';
    expect(loadProcessSettings().ignoreOverrides).toBe(true);
  });
});
