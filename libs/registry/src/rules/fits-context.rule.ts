import { outputBudget } from '../output-budget';
import { Rule } from './rule';

export const fitsContext: Rule = {
  name: 'fits-context',
  refuse(entry, need) {
    const { contextWindow } = entry.model;
    const tokens = need.inputTokens + outputBudget(entry.model, need);
    if (contextWindow === null || tokens <= contextWindow) return null;
    return `The job needs about ${tokens} tokens, and the window of ${entry.name} is ${contextWindow}.`;
  },
  note(entry) {
    if (entry.model.contextWindow !== null) return null;
    return `The context window of ${entry.name} is unknown, so it was taken to fit.`;
  },
};
