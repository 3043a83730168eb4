import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { findConfigDir, readEnvironment } from './environment';
import { SETTINGS, SETTINGS_LOADER, SettingsLoader } from './settings';
import { SettingsModule } from './settings.module';

const folder = new ConfigFolder();
afterAll(() => folder.remove());

describe('the config directory', () => {
  it('is the one that LONGHAUL_CONFIG_DIR names, from the working directory on', () => {
    expect(findConfigDir({ LONGHAUL_CONFIG_DIR: 'mine' }, folder.path)).toBe(join(folder.path, 'mine'));
    expect(findConfigDir({ LONGHAUL_CONFIG_DIR: '/etc/longhaul' }, folder.path)).toBe('/etc/longhaul');
  });

  it("is the repository's where the working directory has none", () => {
    expect(findConfigDir({}, folder.path)).toBe(join(__dirname, '../../../config'));
  });

  it('is `config` under the working directory where that is a configuration', () => {
    mkdirSync(join(folder.path, 'config'));
    folder.write('config/providers.toml', providerBlock('acme'));
    expect(findConfigDir({}, folder.path)).toBe(join(folder.path, 'config'));
  });
});

describe('the environment', () => {
  it('is read as a copy', () => {
    const env = readEnvironment();
    expect(env).not.toBe(process.env);
    expect(env['PATH']).toBe(process.env['PATH']);
  });
});

describe('the settings module', () => {
  it('gives the frozen settings, and what reads them again, to every other module', async () => {
    folder.write('providers.toml', providerBlock('acme'));
    const settings = folder.load();
    const loader: SettingsLoader = () => settings;
    const module = await Test.createTestingModule({
      imports: [SettingsModule.forRoot(settings, loader)],
    }).compile();
    expect(module.get(SETTINGS)).toBe(settings);
    expect(module.get(SETTINGS_LOADER)).toBe(loader);
    await module.close();
  });
});
