import { hasLane } from '@longhaul/settings';
import { Rule } from './rule';

export const keyPresent: Rule = {
  name: 'key-present',
  refuse({ provider }, _need, { missingKeys }) {
    if (hasLane(provider)) {
      return missingKeys.has(provider.name) ? `Provider ${provider.name} is assumed to have no key.` : null;
    }
    const [first, ...others] = provider.keyVariables;
    if (first === undefined) return `Provider ${provider.name} has no key, and names no variable for one.`;
    const also = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
    return `Provider ${provider.name} has no key: ${first}${also} is not set.`;
  },
};
