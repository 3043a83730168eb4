import { Rule } from './rule';

export const healthy: Rule = {
  name: 'healthy',
  refuse({ target }, _need, { chosenBy, health }) {
    // What the caller named is never lost to a passing illness: the claim holds such a job or moves it on.
    return chosenBy === 'caller' ? null : health.refusal(target);
  },
};
