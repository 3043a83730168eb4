import { Rule } from './rule';

export const explicitOnly: Rule = {
  name: 'explicit-only',
  refuse(entry, _need, { chosenBy }) {
    if (chosenBy === 'caller' || !entry.provider.explicitOnly) return null;
    return `${entry.name} runs only when a caller names it: provider ${entry.provider.name} is explicit_only.`;
  },
};
