import { entryName } from '../entry';
import { Rule } from './rule';

export const capability: Rule = {
  name: 'capability',
  refuse(entry, need) {
    const missing = need.capabilities.filter((wanted) => !entry.model.capabilities.includes(wanted));
    if (!entry.listed || missing.length === 0) return null;
    return `${entryName(entry)} lacks ${missing.join(', ')}.`;
  },
  note(entry, need) {
    if (entry.listed || need.capabilities.length === 0) return null;
    return `Whether ${entryName(entry)} has ${need.capabilities.join(', ')} is unknown, so it was taken to have it.`;
  },
};
