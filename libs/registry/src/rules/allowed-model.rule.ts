import { Rule } from './rule';

export const allowedModel: Rule = {
  name: 'allowed-model',
  refuse(entry, _need, { lists }) {
    if (lists.allows(entry)) return null;
    const { name } = entry.provider;
    return `${entry.name} is not among the models that ${name.toUpperCase()}_ALLOWED_MODELS leaves.`;
  },
};
