import { Need } from '@longhaul/contract';
import { CatalogueEntry, entryName } from '../entry';
import { Rule } from './rule';

/** The output budget as the call will carry it: raised to what the model needs, cut to what it can give. */
function outputBudget({ model }: CatalogueEntry, need: Need): number {
  const raised = Math.max(need.outputTokens, model.minOutputTokens ?? 0);
  return model.maxOutputTokens === null ? raised : Math.min(raised, model.maxOutputTokens);
}

export const fitsContext: Rule = {
  name: 'fits-context',
  refuse(entry, need) {
    const { contextWindow } = entry.model;
    const tokens = need.inputTokens + outputBudget(entry, need);
    if (contextWindow === null || tokens <= contextWindow) return null;
    return `The job needs about ${tokens} tokens, and the window of ${entryName(entry)} is ${contextWindow}.`;
  },
  note(entry) {
    if (entry.model.contextWindow !== null) return null;
    return `The context window of ${entryName(entry)} is unknown, so it was taken to fit.`;
  },
};
