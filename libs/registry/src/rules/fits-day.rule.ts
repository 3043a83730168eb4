import { outputBudget } from '../output-budget';
import { Rule } from './rule';

/** As a claim reserves it: inputs are estimated without a tokenizer. */
const INPUT_FACTOR = 1.25;

/** What no day has room for would be put off from midnight to midnight until its deadline. */
export const fitsDay: Rule = {
  name: 'fits-day',
  refuse({ name, provider, model }, need) {
    const { tokensPerDay } = provider.limits;
    const tokens = Math.ceil(need.inputTokens * INPUT_FACTOR) + outputBudget(model, need);
    if (tokensPerDay === null || tokens <= tokensPerDay) return null;
    return `A call of ${name} would reserve ${tokens} tokens, and the key of ${provider.name} may use ${tokensPerDay} a day.`;
  },
};
