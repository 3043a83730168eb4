import { Rule } from './rule';

export const providerOn: Rule = {
  name: 'provider-on',
  refuse({ provider }) {
    if (provider.maxInflight > 0) return null;
    return `Provider ${provider.name} is off: its in-flight cap is 0.`;
  },
};
