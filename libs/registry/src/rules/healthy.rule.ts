import { Rule } from './rule';

export const healthy: Rule = {
  name: 'healthy',
  refuse({ target }, _need, { chosenBy, health, forgivesIllness }) {
    // What the caller named is never lost to a passing illness: the claim holds such a job or moves it on.
    if (chosenBy === 'caller') return null;
    return health.refusal(target) ?? (forgivesIllness ? null : (health.illness?.(target) ?? null));
  },
};
