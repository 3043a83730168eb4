import { hasLane } from '@longhaul/settings';
import { Rule } from './rule';

export const keyPresent: Rule = {
  name: 'key-present',
  refuse({ provider }) {
    if (hasLane(provider)) return null;
    const [first, ...others] = provider.keyVariables;
    if (first === undefined) return `Provider ${provider.name} has no key, and names no variable for one.`;
    const also = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
    return `Provider ${provider.name} has no key: ${first}${also} is not set.`;
  },
};
