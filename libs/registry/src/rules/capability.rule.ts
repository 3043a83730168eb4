import { Rule } from './rule';

export const capability: Rule = {
  name: 'capability',
  refuse(entry, need) {
    if (entry.model.capabilities.includes('embeddings') && !need.capabilities.includes('embeddings')) {
      return `${entry.name} makes embeddings and answers no ${need.type}.`;
    }
    const missing = need.capabilities.filter((wanted) => !entry.model.capabilities.includes(wanted));
    if (!entry.listed || missing.length === 0) return null;
    return `${entry.name} lacks ${missing.join(', ')}.`;
  },
  note(entry, need) {
    if (entry.listed || need.capabilities.length === 0) return null;
    return `Whether ${entry.name} has ${need.capabilities.join(', ')} is unknown, so it was taken to have it.`;
  },
};
