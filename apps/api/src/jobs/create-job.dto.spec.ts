import { Fault, GatewayError } from '@longhaul/contract';
import { readSubmission } from './create-job.dto';

const MINIMAL = { type: 'chat', input: { messages: [{ role: 'user', content: 'Hello' }] } };

function refusalOf(body: unknown): GatewayError {
  try {
    readSubmission(body);
  } catch (error) {
    return GatewayError.from(error);
  }
  throw new Error('The body was accepted.');
}

const pointersOf = (body: unknown): string[] =>
  (refusalOf(body).detail.faults ?? []).map(({ pointer }: Fault) => pointer);

describe('the body of a new job', () => {
  it('needs a type and an input, and leaves out what was not said', () =>
    expect(readSubmission(MINIMAL)).toEqual(MINIMAL));

  it('takes null for an absent field', () => {
    const nothing = {
      model: null,
      fallbacks: null,
      routing: null,
      priority: null,
      run_at: null,
      metadata: null,
    };
    expect(readSubmission({ ...MINIMAL, ...nothing })).toEqual(MINIMAL);
  });

  it('puts every field into the words of the jobs library', () => {
    const body = {
      ...MINIMAL,
      model: 'glm/glm-4.6',
      provider: 'glm',
      fallbacks: [],
      routing: { fallback_on_refusal: false },
      priority: 0,
      deadline_s: 60.5,
      timeout_s: 0.5,
      run_at: 1_900_000_000,
      metadata: { ticket: '17' },
    };
    expect(readSubmission(body)).toEqual({
      ...MINIMAL,
      model: 'glm/glm-4.6',
      provider: 'glm',
      fallbacks: [],
      fallbackOnRefusal: false,
      priority: 0,
      deadlineSeconds: 60.5,
      timeoutSeconds: 0.5,
      runAt: new Date(1_900_000_000_000),
      metadata: { ticket: '17' },
    });
  });

  it('is malformed when it is empty', () => expect(refusalOf(undefined).code).toBe('malformed_request'));

  it('gives one fault with a JSON pointer to each problem', () => {
    const body = {
      type: 7,
      input: [],
      modle: 'x',
      priority: 10,
      deadline_s: 0,
      routing: { profile: 'cheap', fallback_on_refusal: 'yes' },
      fallbacks: 'glm/glm-4.6',
      metadata: { a: 1 },
    };
    expect(pointersOf(body).sort()).toEqual([
      '/deadline_s',
      '/fallbacks',
      '/input',
      '/metadata',
      '/modle',
      '/priority',
      '/routing/fallback_on_refusal',
      '/routing/profile',
      '/type',
    ]);
  });

  it('names the faults of the input in the same answer', () => {
    const body = { type: 'chat', input: { messages: [], temperature: 'hot' }, modle: 'x' };
    expect(pointersOf(body).sort()).toEqual(['/input/messages', '/input/temperature', '/modle']);
  });

  it.each([
    ['a list', [], ''],
    ['a text', 'job', ''],
    ['no type', { input: {} }, '/type'],
    ['an empty type', { ...MINIMAL, type: '' }, '/type'],
    ['no input', { type: 'chat' }, '/input'],
    ['an input that is text', { type: 'chat', input: 'hello' }, '/input'],
    ['an input that is a list', { ...MINIMAL, input: [] }, '/input'],
    ['a model that is empty', { ...MINIMAL, model: '' }, '/model'],
    ['a model of 201 characters', { ...MINIMAL, model: 'm'.repeat(201) }, '/model'],
    ['a model of blanks', { ...MINIMAL, model: '  ' }, '/model'],
    ['a model with a line break', { ...MINIMAL, model: 'ollama/a\r\nX: 1' }, '/model'],
    ['a model with half of a surrogate pair', { ...MINIMAL, model: 'gemini/\ud800' }, '/model'],
    ['a fallback with half of a surrogate pair', { ...MINIMAL, fallbacks: ['gemini/\udc00x'] }, '/fallbacks'],
    ['a model with NUL', { ...MINIMAL, model: 'gemini/\u0000' }, '/model'],
    ['a model that turns the direction of writing', { ...MINIMAL, model: 'a/\u202eb' }, '/model'],
    ['a provider of blanks', { ...MINIMAL, provider: ' ' }, '/provider'],
    ['a fallback of blanks', { ...MINIMAL, fallbacks: ['a/b', ' '] }, '/fallbacks'],
    ['a fallback with a line break', { ...MINIMAL, fallbacks: ['a/b\n'] }, '/fallbacks'],
    ['a chat whose input is a list', { type: 'chat', input: [] }, '/input'],
    ['a fraction of a priority', { ...MINIMAL, priority: 1.5 }, '/priority'],
    ['a deadline over a day', { ...MINIMAL, deadline_s: 86_401 }, '/deadline_s'],
    ['a deadline as text', { ...MINIMAL, deadline_s: '60' }, '/deadline_s'],
    ['a timeout of zero', { ...MINIMAL, timeout_s: 0 }, '/timeout_s'],
    ['nine fallbacks', { ...MINIMAL, fallbacks: Array(9).fill('a/b') }, '/fallbacks'],
    ['a fallback that is no text', { ...MINIMAL, fallbacks: ['a/b', 1] }, '/fallbacks'],
    ['an empty fallback', { ...MINIMAL, fallbacks: [''] }, '/fallbacks'],
    ['a routing that is a list', { ...MINIMAL, routing: [] }, '/routing'],
    ['a caller of the caller’s own', { ...MINIMAL, caller: 'root' }, '/caller'],
    ['a base_url', { ...MINIMAL, base_url: 'http://169.254.169.254' }, '/base_url'],
    ['a base_url inside routing', { ...MINIMAL, routing: { base_url: 'http://x' } }, '/routing/base_url'],
    ['a constructor', { ...MINIMAL, constructor: {} }, '/constructor'],
  ])('refuses %s', (_, body, pointer) => {
    expect(refusalOf(body).code).toBe('invalid_request');
    expect(pointersOf(body)).toEqual([pointer]);
  });

  describe('run_at', () => {
    const runAt = (value: unknown) => readSubmission({ ...MINIMAL, run_at: value }).runAt?.toISOString();

    it.each([
      [1_900_000_000.5, '2030-03-17T17:46:40.500Z'],
      ['2030-01-31T08:00:00Z', '2030-01-31T08:00:00.000Z'],
      ['2030-01-31T08:00:00.25+02:00', '2030-01-31T06:00:00.250Z'],
      ['2032-02-29T00:30:00+02:00', '2032-02-28T22:30:00.000Z'],
      ['2030-01-31T08:00Z', '2030-01-31T08:00:00.000Z'],
    ])('reads %s', (value, time) => expect(runAt(value)).toBe(time));

    it.each([
      1_900_000_000_000,
      -1,
      '2030-01-31T08:00:00',
      '2030-02-31T08:00:00Z',
      '2031-02-29T08:00:00+02:00',
      '2030-01-31T24:00:00Z',
      '2030-01-31T25:00:00Z',
      'tomorrow',
      '1900000000',
      true,
    ])('refuses %s', (value) => expect(pointersOf({ ...MINIMAL, run_at: value })).toEqual(['/run_at']));
  });

  describe('metadata', () => {
    const pairs = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']));

    it.each([
      ['16 pairs', pairs(16)],
      ['the longest key and value', { ['k'.repeat(64)]: 'v'.repeat(512) }],
      ['an empty value', { key: '' }],
    ])('takes %s', (_, metadata) =>
      expect(readSubmission({ ...MINIMAL, metadata }).metadata).toEqual(metadata),
    );

    it.each([
      ['17 pairs', pairs(17)],
      ['a key of 65 characters', { ['k'.repeat(65)]: 'v' }],
      ['an empty key', { '': 'v' }],
      ['a value of 513 characters', { key: 'v'.repeat(513) }],
      ['a nested value', { key: { a: 'b' } }],
      ['NUL', { key: '\u0000' }],
      ['a list', ['a']],
    ])('refuses %s', (_, metadata) => expect(pointersOf({ ...MINIMAL, metadata })).toEqual(['/metadata']));
  });
});
