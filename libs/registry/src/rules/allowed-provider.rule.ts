import { fold } from '../entry';
import { Rule } from './rule';

export const allowedProvider: Rule = {
  name: 'allowed-provider',
  refuse({ provider }, _need, { settings }) {
    const isIn = (names: readonly string[]): boolean =>
      names.some((name) => fold(name) === fold(provider.name));
    if (isIn(settings.disabledProviders)) return `Provider ${provider.name} is in DISABLED_PROVIDERS.`;
    if (settings.allowedProviders === null || isIn(settings.allowedProviders)) return null;
    return `Provider ${provider.name} is not in ALLOWED_PROVIDERS.`;
  },
};
