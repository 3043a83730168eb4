import { RegistryState } from '@longhaul/registry';
import { hasLane } from '@longhaul/settings';
import { Log } from './log';

/** What this process can choose from, once at its start. */
export function logRegistry({ settings, catalogue, config }: RegistryState, log: Log): void {
  const { providers } = settings;
  const callable = providers.filter(hasLane);
  const keyed = providers.filter(({ key }) => key !== null).length;
  const keyless = providers.filter(({ auth }) => auth === 'none').length;
  log.info(
    `The registry has ${String(providers.length)} providers (${String(keyed)} with a key, ${String(keyless)} that need none, ` +
      `${String(providers.length - callable.length)} without their key) and ${String(catalogue.listed.length)} models; ` +
      `configuration version ${String(config.version)}, hash ${config.hash}.`,
  );
  if (callable.some(({ maxInflight }) => maxInflight > 0)) return;
  log.error(
    'No provider can be called: none has a key and a cap above 0. Every job will be refused; set a key such as OPENAI_API_KEY.',
  );
}
