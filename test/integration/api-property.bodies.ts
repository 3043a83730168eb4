import fc from 'fast-check';

/** A JSON value, bent or not. */
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CHAT = {
  model: 'sandbox/echo',
  messages: MESSAGES,
  temperature: 0.5,
  max_tokens: 50,
  metadata: { run: '7' },
};
const CALL = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
/** Every field that a chat has, all at once. */
const WHOLE_CHAT: { [name: string]: Json } = {
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [CALL], state: { provider: 'glm', data: { a: ['b'] } } },
    { role: 'tool', tool_call_id: 'c1', content: 'A dot.' },
  ],
  tools: [
    {
      type: 'function',
      function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } },
    },
  ],
  tool_choice: { type: 'function', function: { name: 'look' } },
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'a', schema: { type: 'object' }, strict: true },
  },
  ...{ reasoning_effort: 'none', top_p: 0.5, stop: ['.'] },
};
const WHOLE_JOB: Json = { type: 'chat', model: 'sandbox/echo', input: WHOLE_CHAT };
const JOB = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: MESSAGES },
  priority: 3,
  deadline_s: 600,
};
export const BODIES: Readonly<Record<string, readonly Json[]>> = {
  'POST /v1/jobs': [JOB, WHOLE_JOB],
  'POST /v1/jobs/:id/retry': [{ priority: 1, fallbacks: [] }],
  'POST /v1/chat': [CHAT, { model: 'sandbox/echo', ...WHOLE_CHAT }],
  'POST /v1/routes/explain': [JOB, WHOLE_JOB],
};

const ODD_TEXTS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u{1F600}',
    '%00',
    '..%2f..%2f',
    '__proto__',
    'constructor',
    'NaN',
    '-0',
    'null',
  ],
  ...[
    '\r\nx-evil: 1',
    '{{7*7}}',
    "'; DROP TABLE jobs; --",
    'a'.repeat(5000),
    '\u202e\ufeff',
    '1e999',
    '9'.repeat(40),
  ],
];
const ODD_NUMBERS = [0, -0, -1, 1.5, 1e308, -1e308, 2 ** 53, 2 ** 63, 1e-320, 4_294_967_296, 253_402_300_800];

/** What `JSON.stringify` cannot write is put in place of these words afterwards. */
const RAW = {
  '"RAW-NESTED"': '['.repeat(5000) + ']'.repeat(5000),
  '"RAW-DEEP"': '{"a":'.repeat(52) + '1' + '}'.repeat(52),
  '"RAW-HUGE"': '1e999',
  '"RAW-LONG-NUMBER"': '1'.repeat(400),
  '"RAW-HALF"': '"\\ud83d"',
  '"RAW-NUL"': '"a\\u0000b"',
  '"RAW-TWICE"': '{"a":1,"a":{"a":2},"\\u0061":3}',
  '"RAW-PROTO"': '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}',
  '"RAW-MANY"': `[${'0,'.repeat(120_000)}0]`,
} as const;
const RAW_WORDS = Object.keys(RAW).map((word) => word.slice(1, -1));

export const oddText = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
const oddValue: fc.Arbitrary<Json> = fc.oneof(
  oddText,
  fc.constantFrom(...ODD_NUMBERS),
  fc.constantFrom(...RAW_WORDS),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(null, true, [], {}, [[]], [null]),
);
const oddName = fc.oneof(
  oddText,
  fc.constantFrom(
    'id',
    'status',
    'caller',
    'cost',
    'base_url',
    'api_key',
    'prototype',
    '__proto__',
    'toString',
  ),
);

/** A valid body with one place of it replaced, removed, or given one more member. */
const changedBody = (base: Json): fc.Arbitrary<Json> =>
  fc
    .tuple(fc.constantFrom('replace', 'remove', 'add', 'wrap'), fc.nat(200), oddName, oddValue)
    .map(([how, place, name, value]) => {
      const copy = structuredClone(base);
      const spots = spotsOf(copy);
      const spot = spots[place % Math.max(spots.length, 1)];
      if (spot === undefined) return value;
      const [holder, key] = spot;
      const held = Reflect.get(holder, key) as Json;
      if (how === 'replace') Reflect.set(holder, key, value);
      else if (how === 'wrap') Reflect.set(holder, key, [held]);
      else if (how === 'remove') Reflect.deleteProperty(holder, key);
      else
        Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
      return copy;
    });

function spotsOf(value: Json): [object, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, held]) => [
    [value, name] as [object, string],
    ...spotsOf(held),
  ]);
}

const written = (value: Json): string => {
  let text = JSON.stringify(value);
  for (const [word, raw] of Object.entries(RAW)) text = text.replaceAll(word, () => raw);
  return text;
};

/** What is sent of a body: all of it, a part, with noise, or something else. */
export const bytesOf = (base: Json): fc.Arbitrary<Buffer | null> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(Buffer.from(written(base))) },
    { weight: 10, arbitrary: changedBody(base).map((value) => Buffer.from(written(value))) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(changedBody(base), fc.nat(), fc.nat(255))
        .map(([value, at, byte]) => withByte(Buffer.from(written(value)), at, byte)),
    },
    { weight: 2, arbitrary: fc.nat(200).map((length) => Buffer.from(written(base)).subarray(0, length)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: oddValue.map((value) => Buffer.from(written(value))) },
    { weight: 1, arbitrary: fc.constant(null) },
  );

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}
