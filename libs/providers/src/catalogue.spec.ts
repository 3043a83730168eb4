import { inspect } from 'node:util';
import { Settings, SettingsError, SettingsModule } from '@longhaul/settings';
import { Test } from '@nestjs/testing';
import { ProviderCatalogue } from './catalogue';
import { DIALECT_NAMES } from './dialects';
import { HttpClient } from './http';
import { ProvidersModule } from './providers.module';
import { CANARY, providerSettings, startScripted } from './scripted-upstream.fixtures';

const catalogueOf = (...providers: Settings['providers']): ProviderCatalogue =>
  new ProviderCatalogue({ providers }, new HttpClient());

describe('the catalogue of providers', () => {
  it('gives out a provider with its key', () => {
    expect(catalogueOf(providerSettings()).get('acme').name).toBe('acme');
  });

  it('gives out a keyless provider', () => {
    const keyless = providerSettings({ auth: 'none', key: null, keySource: null, keyVariables: [] });
    expect(catalogueOf(keyless).get('acme').name).toBe('acme');
  });

  it('names the first variable when the key is missing', () => {
    const catalogue = catalogueOf(providerSettings({ key: null, keySource: null }));
    expect(() => catalogue.get('acme')).toThrow(
      expect.objectContaining({
        code: 'provider_not_configured',
        message: 'acme has no key. Set ACME_API_KEY and restart Longhaul.',
        detail: { phase: 'before_send', shouldRetry: false },
      }),
    );
    expect(catalogue.has('acme')).toBe(false);
  });

  it('names the known providers when one is not there', () => {
    const catalogue = catalogueOf(providerSettings(), providerSettings({ name: 'other' }));
    expect(() => catalogue.get('acne')).toThrow(/no provider acne; known are acme, other/);
  });

  it('stops the boot at an unknown dialect and names the known ones', () => {
    const build = (): unknown => catalogueOf(providerSettings({ dialect: 'telepathy' }));
    expect(build).toThrow(SettingsError);
    expect(build).toThrow(`providers.toml: The provider acme names the dialect telepathy`);
    expect(build).toThrow(DIALECT_NAMES.join(', '));
  });

  it('never shows a key when it is printed', () => {
    expect(inspect(catalogueOf(providerSettings()), { depth: 12, showHidden: true })).not.toContain(CANARY);
  });
});

describe('the providers module', () => {
  it('gives out the catalogue, and cuts open calls when the process ends', async () => {
    const upstream = await startScripted(() => undefined);
    const settings = {
      ...{ providers: [providerSettings({ baseUrl: upstream.url })], crashPoint: null },
    } as unknown as Settings;
    const module = await Test.createTestingModule({
      imports: [SettingsModule.forRoot(settings, () => settings), ProvidersModule],
    }).compile();
    const provider = module.get(ProviderCatalogue).get('acme');
    const request = { model: 'm', messages: [] };
    const call = provider.stream(request, new AbortController().signal)[Symbol.asyncIterator]().next();
    const failed = expect(call).rejects.toMatchObject({ code: 'network_error' });
    await upstream.arrived(1);
    await module.close();
    await failed;
    await upstream.close();
  });
});
