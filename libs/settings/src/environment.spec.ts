import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { findConfigDir, readEnvironment } from './environment';
import { SETTINGS } from './settings';
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
  it('gives the frozen settings to every other module', async () => {
    folder.write('providers.toml', providerBlock('acme'));
    const settings = folder.load();
    const module = await Test.createTestingModule({
      imports: [SettingsModule.forRoot(settings, () => settings)],
    }).compile();
    expect(module.get(SETTINGS)).toBe(settings);
    await module.close();
  });
});
