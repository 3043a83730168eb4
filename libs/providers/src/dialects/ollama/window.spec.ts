import { ChatRequest } from '@longhaul/contract';
import { traits } from '../../fitted-request.fixtures';
import { Counts, hasLostPrompt, leastTokens, windowOf } from './window';

const asked = (changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  messages: [{ role: 'user', content: 'Hi' }],
  inputTokens: 1_000,
  maxOutputTokens: 1_000,
  ...changes,
});
const windowFor = (changes: Partial<ChatRequest> = {}): number | null =>
  windowOf({ hosted: false }, asked(changes));

describe('the window of a call', () => {
  it.each([
    [1, 1, 4_096],
    [3_000, 1_096, 4_096],
    [3_000, 1_097, 8_192],
    [100_000, 31_072, 131_072],
    [100_000, 31_073, 262_144],
  ])('for %d tokens of prompt and %d of answer is %d', (inputTokens, maxOutputTokens, window) => {
    expect(windowFor({ inputTokens, maxOutputTokens })).toBe(window);
  });

  it('is never more than the model has, and no more is asked for where that is known to be less', () => {
    const small = traits({ contextWindow: 8_000 });
    expect(windowFor({ inputTokens: 7_000, traits: small })).toBe(8_000);
    expect(windowFor({ inputTokens: 70_000, traits: small })).toBe(8_000);
    expect(windowFor({ traits: small })).toBe(4_096);
  });

  it('leaves room for an answer without a budget, and for a prompt that nobody has counted', () => {
    const { inputTokens, maxOutputTokens, ...bare } = asked();
    expect([inputTokens, maxOutputTokens]).toEqual([1_000, 1_000]);
    expect(windowOf({ hosted: false }, bare)).toBe(8_192);
    const long = { ...bare, messages: [{ role: 'user', content: 'ä'.repeat(10_000) } as const] };
    expect(windowOf({ hosted: false }, long)).toBe(16_384);
    const parts = [{ type: 'text', text: 'x'.repeat(20_000) } as const];
    expect(windowOf({ hosted: false }, { ...bare, messages: [{ role: 'user', content: parts }] })).toBe(
      16_384,
    );
  });

  it('is for the vendor to say in the cloud, which a nearby server may pass a model on to', () => {
    expect(windowOf({ hosted: true }, asked())).toBeNull();
    expect(windowFor({ model: 'gpt-oss:120b-cloud' })).toBeNull();
    expect(windowFor({ model: 'glm-5.2:cloud' })).toBeNull();
    expect(windowFor({ model: 'cloudy:7b' })).toBe(4_096);
  });
});

describe('what a prompt has at least', () => {
  it('is a token for each word of the user, however they are parted', () => {
    const content = [
      { type: 'text', text: ' a  b\tc\r\nd\u00a0e ' } as const,
      { type: 'text', text: 'f' } as const,
    ];
    expect(leastTokens(asked({ messages: [{ role: 'user', content }] }))).toBe(5);
  });

  it('counts nobody else, since templates may leave that out', () => {
    const others = (['system', 'assistant', 'tool'] as const).map((role) => ({ role, content: 'a b c' }));
    expect(leastTokens(asked({ messages: [...others, { role: 'user', content: '' }] }))).toBe(0);
  });
});

describe('a prompt that was cut without a word', () => {
  const counts = (changes: Partial<Counts>): Counts => ({
    ...{ window: 4_096, promptTokens: 1_000, outputTokens: 500, leastTokens: 800 },
    ...changes,
  });

  it.each<[string, Partial<Counts>]>([
    ['fills the window', { promptTokens: 4_096 }],
    ['fills it but for one token, as some runners leave it', { promptTokens: 4_095, outputTokens: 1 }],
    ['leaves seven tokens', { promptTokens: 4_089, outputTokens: 0 }],
    ['and its answer are more than the window', { promptTokens: 3_000, outputTokens: 1_105 }],
    ['has fewer tokens than words', { promptTokens: 799 }],
    ['has two tokens for eight hundred words', { promptTokens: 2 }],
  ])('%s', (_, changes) => {
    expect(hasLostPrompt(counts(changes))).toBe(true);
  });

  it.each<[string, Partial<Counts>]>([
    ['fits', {}],
    ['leaves eight tokens', { promptTokens: 4_088, outputTokens: 8 }],
    ['and its answer fill the window, which ended it', { promptTokens: 3_000, outputTokens: 1_096 }],
    [
      'and its answer are a few tokens over, which count its ends',
      { promptTokens: 3_000, outputTokens: 1_104 },
    ],
    ['has as many tokens as words', { promptTokens: 800 }],
    ['is larger than the window, so that the server has a larger one', { promptTokens: 4_097 }],
    ['is not counted, since it was cached', { promptTokens: null }],
    ['is counted as one token, since it was cached', { promptTokens: 1 }],
    ['is counted as none', { promptTokens: 0 }],
  ])('is none when it %s', (_, changes) => {
    expect(hasLostPrompt(counts(changes))).toBe(false);
  });
});
