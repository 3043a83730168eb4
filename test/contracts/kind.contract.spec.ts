import { inspect } from 'node:util';
import { ChatAnswer, Fault, fieldNamesOf, GatewayError } from '@longhaul/contract';
// Not through the library's door: that loads the stores' drivers, which no kind needs.
import { JOB_KINDS, JobKind } from '../../libs/jobs/src/kinds';

/** For each kind one good input, and an answer that completes it. A kind without a line here fails below. */
const SAMPLES: Readonly<Record<string, { readonly input: object; readonly answer: string }>> = {
  chat: { input: { messages: [{ role: 'user', content: 'Hello' }] }, answer: 'Hi' },
  audit: {
    input: { instruction: 'Find bugs.', files: [{ path: 'a.ts', content: 'const a = 1;\n' }] },
    answer: '{"findings":[{"file":"a.ts","line":1,"quote":"const a = 1;","title":"T","severity":"low"}]}',
  },
};

const answerOf = (text: string): ChatAnswer => ({
  text,
  reasoning: null,
  finishReason: 'stop',
  usage: null,
  statedCostNanoUsd: null,
  toolCalls: [],
  state: null,
});

function faultsOf(kind: JobKind, input: unknown): readonly Fault[] {
  try {
    kind.parse(input);
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'invalid_request')
      return thrown.detail.faults ?? [];
    throw thrown;
  }
  throw new Error(`${kind.type} accepted ${inspect(input, { depth: 3 })}.`);
}

it('each kind has a type of its own and a sample here', () => {
  const types = JOB_KINDS.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  expect(Object.keys(SAMPLES).sort()).toEqual([...types].sort());
});

describe.each(JOB_KINDS.map((kind) => [kind.type, kind] as const))('the kind %s', (type, kind) => {
  const sample = SAMPLES[type] ?? { input: {}, answer: '' };
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
  const garbage: readonly unknown[] = [
    ...[undefined, null, 5, 'text', true, [], [sample.input], {}],
    ...[
      { ...sample.input, not_a_field: 1 },
      { ...sample.input, max_output_tokens: 'many' },
    ],
    JSON.parse(`{"__proto__":{"admin":true}}`),
    ...Object.keys(sample.input).flatMap((field) =>
      [null, 5, '', [], {}, [null], ['x'], [[]], '\u0000', deep, { a: deep }].map((value) => ({
        ...sample.input,
        [field]: value,
      })),
    ),
  ];

  it('describes itself in a sentence', () => {
    expect(kind.type).toMatch(/^[a-z][a-z_]*$/);
    expect(kind.description).toMatch(/^[A-Z].*\.$/);
  });

  it('refuses garbage with faults whose pointers lie under /input, and repeats no value', () => {
    for (const input of garbage) {
      const faults = faultsOf(kind, input);
      expect(faults.length).toBeGreaterThan(0);
      for (const { pointer, detail } of faults) {
        expect(pointer).toMatch(/^\/input(\/|$)/);
        expect(detail).toMatch(/^(must|is) .*\.$/);
      }
    }
  });

  it('survives any depth in any field that it has', () => {
    for (const field of fieldNamesOf(kind.inputShape))
      for (const value of [deep, { a: deep }, [{ a: deep }]])
        expect(faultsOf(kind, { ...sample.input, [field]: value }).length).toBeGreaterThan(0);
  });

  it('parses its own parsed and stored input to the same', () => {
    const once = kind.parse(sample.input);
    expect(kind.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it('states a need in positive whole numbers under its own type', () => {
    const need = kind.need(kind.parse(sample.input));
    expect(need.type).toBe(type);
    for (const tokens of [need.inputTokens, need.outputTokens]) {
      expect(Number.isSafeInteger(tokens)).toBe(true);
      expect(tokens).toBeGreaterThan(0);
    }
  });

  it('makes exactly one call, says how far it is, and completes with an output that JSON can carry', async () => {
    let calls = 0;
    const said: string[] = [];
    const result = await kind.run(kind.parse(sample.input), {
      call: ({ messages }) => {
        calls++;
        expect(messages.length).toBeGreaterThan(0);
        return Promise.resolve(answerOf(sample.answer));
      },
      progress: (message) => void said.push(message),
    });
    expect(calls).toBe(1);
    expect(said.length).toBeGreaterThan(0);
    expect(result.status).toBe('completed');
    expect(JSON.parse(JSON.stringify(result.output))).toEqual(result.output);
  });

  it('lets the error of its call through as it is', async () => {
    const failure = new GatewayError('overloaded', 'The sandbox has no capacity.');
    const run = kind.run(kind.parse(sample.input), {
      call: () => Promise.reject(failure),
      progress: () => undefined,
    });
    await expect(run).rejects.toBe(failure);
  });

  it('never completes on silence', async () => {
    const run = kind.run(kind.parse(sample.input), {
      call: () => Promise.resolve(answerOf('')),
      progress: () => undefined,
    });
    await expect(run).rejects.toMatchObject({ code: 'empty_output' });
  });
});
