import { entryName } from '../entry';
import { Rule } from './rule';

export const modelActive: Rule = {
  name: 'model-active',
  refuse(entry) {
    if (entry.model.status !== 'retired') return null;
    const { successor } = entry.model;
    return `${entryName(entry)} is retired${successor === null ? '' : `; its successor is ${successor}`}.`;
  },
  note(entry) {
    if (entry.model.status !== 'deprecated') return null;
    const { successor } = entry.model;
    return `${entryName(entry)} is deprecated${successor === null ? '' : `; its successor is ${successor}`}.`;
  },
};
