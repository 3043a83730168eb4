import { ChatMessage } from '@longhaul/contract';
import { BudgetAsked, budgetFor, withOwnState } from './call-terms';

const asked = (more: Partial<BudgetAsked>): BudgetAsked => ({
  wanted: 4096,
  isStated: true,
  enlarged: null,
  target: { minOutputTokens: null, maxOutputTokens: null },
  ...more,
});
const limits = (minOutputTokens: number | null, maxOutputTokens: number | null) => ({
  target: { minOutputTokens, maxOutputTokens },
});

describe('the output budget of a call', () => {
  it.each([
    ['is what was asked for', {}, 4096, []],
    ['is what was asked for between the limits', limits(1500, 8000), 4096, []],
    [
      'is raised to what the model needs, and says why',
      { wanted: 100, ...limits(1500, null) },
      1500,
      ['max_output_tokens 100 was raised to 1500: this model spends output on reasoning first.'],
    ],
    [
      'is cut to what the model gives, and says so',
      { wanted: 50_000, ...limits(null, 32_000) },
      32_000,
      ['max_output_tokens 50000 was lowered to 32000: this model gives no more.'],
    ],
    [
      'never exceeds the most, even where the least is above it',
      { wanted: 9000, ...limits(9000, 8000) },
      8000,
      ['max_output_tokens 9000 was lowered to 8000: this model gives no more.'],
    ],
    ['is fitted in silence where nobody named one', { isStated: false, ...limits(8000, null) }, 8000, []],
    [
      'is the larger one of a repeat, and says after what',
      { enlarged: 8192, isStated: false, ...limits(1500, 32_000) },
      8192,
      ['max_output_tokens was raised to 8192: an earlier attempt spent all of its own before any answer.'],
    ],
  ] as const)('%s', (...[, more, tokens, notes]) =>
    expect(budgetFor(asked(more))).toEqual({ value: tokens, notes }),
  );
});

describe('the state of messages', () => {
  const own: ChatMessage = { role: 'assistant', content: 'a', state: { provider: 'glm', data: { x: 1 } } };
  const foreign: ChatMessage = { role: 'assistant', content: 'b', state: { provider: 'kimi', data: {} } };
  const plain: ChatMessage = { role: 'user', content: 'c' };

  it('stays as it is where the provider that is called gave it', () =>
    expect(withOwnState([plain, own], 'glm')).toEqual({ value: [plain, own], notes: [] }));

  it('is left out where another gave it, and nothing else is', () =>
    expect(withOwnState([own, foreign, plain], 'glm')).toEqual({
      value: [own, { role: 'assistant', content: 'b' }, plain],
      notes: ['The state of a message was left out: another provider gave it, and glm cannot read it.'],
    }));

  it('that was left out of several is told once', () =>
    expect(withOwnState([own, foreign, foreign], 'openai').notes).toEqual([
      'The state of 3 messages was left out: another provider gave it, and openai cannot read it.',
    ]));
});
