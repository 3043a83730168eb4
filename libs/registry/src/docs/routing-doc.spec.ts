import { GatewayError, nameOf } from '@longhaul/contract';
import { join } from 'node:path';
import { FALLBACK_RULES, RULES } from '../rules';
import { answerOf } from './routing-doc';
import { RULE_MEANINGS } from './routing-words';
import { WORKED_EXAMPLES, WorkedExample } from './worked-examples';

const ROOT = join(__dirname, '../../../..');

const summaryOf = (example: WorkedExample): WorkedExample['answer'] => {
  try {
    const { chain, decidedBy, tier, error } = answerOf(example, ROOT);
    const [first] = chain;
    if (first === undefined) return { error: error?.code ?? '' };
    return { first: nameOf(first), decidedBy: decidedBy ?? '', ...(tier ? { tier: tier.tier } : {}) };
  } catch (thrown) {
    return { error: GatewayError.from(thrown).code };
  }
};

describe('the worked examples of docs/routing.md', () => {
  it.each(WORKED_EXAMPLES.map((example) => [example.title, example] as const))('%s', (_, example) => {
    expect(summaryOf(example)).toEqual(example.answer);
  });
});

it('the page tells what every rule refuses', () => {
  expect(Object.keys(RULE_MEANINGS)).toEqual([...RULES, ...FALLBACK_RULES].map(({ name }) => name));
});
