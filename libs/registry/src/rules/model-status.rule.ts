import { CatalogueEntry } from '../entry';
import { Rule } from './rule';

export const modelStatus: Rule = {
  name: 'model-status',
  refuse(entry) {
    return entry.model.status === 'retired' ? `${entry.name} is retired${successorOf(entry)}.` : null;
  },
  warn(entry) {
    if (entry.model.status !== 'deprecated') return null;
    const { retiresAt } = entry.model;
    const ending = retiresAt === null ? '' : ` and ends on ${retiresAt}`;
    return `${entry.name} is deprecated${ending}${successorOf(entry)}.`;
  },
};

const successorOf = ({ model: { successor } }: CatalogueEntry): string =>
  successor === null ? '' : `; its successor is ${successor}`;
