import { ErrorCode, Fault, GatewayError } from '@longhaul/contract';
import { FaultyItem } from './faulty-item';
import { readJsonBody } from './json-body';

const read = (text: string): unknown => readJsonBody(Buffer.from(text));

function refusalOf(body: string | Buffer): { code: ErrorCode; faults: readonly Fault[] } {
  try {
    readJsonBody(Buffer.from(body));
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, faults: error.detail.faults ?? [] };
    throw error;
  }
  throw new Error('The body was accepted.');
}

const MB = 1024 * 1024;
const nested = (depth: number): string => '{"a":'.repeat(depth - 1) + '[]' + '}'.repeat(depth - 1);

describe('a JSON body', () => {
  it('is the value that it spells, with or without a byte order mark, and undefined when empty', () => {
    expect(read('{"a":[1,"x\\n\\u00e4",null,1e308,{}],"toString":"\\"]},"}')).toEqual({
      a: [1, 'x\n\u00e4', null, 1e308, {}],
      toString: '"]},',
    });
    expect(read('\uFEFF{"a":1}')).toEqual({ a: 1 });
    expect(read('')).toBeUndefined();
    expect(read(' "\\ud83d\\ude00" ')).toBe('\u{1F600}');
  });

  it('may be 64 levels deep and hold 100,000 keys and items, and no more', () => {
    expect(read(nested(64))).toBeDefined();
    expect(refusalOf(nested(65))).toMatchObject({ code: 'invalid_request' });
    const items = (count: number): string => `[${'0,'.repeat(count - 1)}0]`;
    expect(read(items(100_000))).toHaveLength(100_000);
    expect(refusalOf(items(100_001)).faults[0]?.detail).toContain('100000 keys and items');
    // Each list counts as an item of the outer one, and its own item again; brackets in strings count as none.
    expect(read(`[${'[1],'.repeat(49_999)}"[[[,,,"]`)).toHaveLength(50_000);
    expect(refusalOf(`[${'[1],'.repeat(50_000)}0]`).code).toBe('invalid_request');
  });

  it.each([
    ['brackets', Buffer.alloc(10 * MB, '[')],
    ['keys', Buffer.from(`{${'"k":1,'.repeat(1_700_000)}"k":1}`)],
    ['empty lists', Buffer.from(`[${'[],'.repeat(3_400_000)}1]`)],
  ])('of 10 MB of %s is refused before the parser sees it', (_, body) => {
    const parse = jest.spyOn(JSON, 'parse');
    expect(refusalOf(body).code).toBe('invalid_request');
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'con\\u0073tructor'])(
    'never holds the name %s, at any depth and beside whatever else',
    (name) => {
      for (const [before, after, parent] of [
        ['', '', ''],
        ['{"a":[0,', ']}', '/a/1'],
        ['{"metadata":{"b":{"c":', '}}}', '/metadata/b/c'],
      ]) {
        const { code, faults } = refusalOf(`${String(before)}{"x":1,"${name}":1}${String(after)}`);
        const pointer = `${String(parent)}/${JSON.parse(`"${name}"`) as string}`;
        expect([code, faults]).toMatchObject(['invalid_request', [{ pointer }]]);
      }
      expect(read(`{"x":"${name}"}`)).toBeDefined();
      expect(Reflect.get({}, 'x')).toBeUndefined();
    },
  );

  it.each([
    ['NUL', '{"a":{"b":"x\\u0000"}}', '/a/b'],
    ['half a surrogate pair', '{"a":["\\ud800x"]}', '/a/0'],
    ['half a surrogate pair in a name', '{"\\udfff":1}', '/\uFFFD'],
    ['a number beyond all numbers', '{"a":1e999}', '/a'],
    ['one that is written out', `{"a":[-${'9'.repeat(400)}]}`, '/a/0'],
    ['one with few digits in its exponent', `{"a":${'9'.repeat(250)}e+99}`, '/a'],
  ])('is refused for %s, with its place', (_, body, pointer) => {
    expect(refusalOf(body)).toMatchObject({ code: 'invalid_request', faults: [{ pointer }] });
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['UTF-16', Buffer.from('\uFEFF{"a":1}', 'utf16le')],
    ['a body cut short', '{"a":[1,'],
    ['a string cut short after a backslash', '"abc\\'],
    ['closing brackets alone', ']'.repeat(1000)],
    ['a raw control character', '"a\u0000b"'],
    ['a second value', '{} {}'],
    ['NaN', '{"a":NaN}'],
  ])('is malformed with %s', (_, body) => expect(refusalOf(body).code).toBe('malformed_request'));

  it('finds a number that is too large right after others of any length', () => {
    const run = (digits: number): string => '9'.repeat(digits);
    expect(read(`[${run(199)},${run(199)},-${run(300)},0.${run(500)}]`)).toHaveLength(4);
    expect(read(`{"a":"${run(1000)}","b":"1e999"}`)).toEqual({ a: run(1000), b: '1e999' });
    for (const before of [run(199), `${run(199)},${run(199)}`, '0.5', '"a"', `"${run(250)}"`]) {
      expect(refusalOf(`[${before},${run(309)}]`).faults).toHaveLength(1);
    }
  });

  it('that is malformed is told the line and column, and nothing of its text', () => {
    const wordsOf = (body: string): string => {
      try {
        readJsonBody(Buffer.from(body));
      } catch (error) {
        return (error as Error).message;
      }
      return 'accepted';
    };
    expect(wordsOf('{"secret" 1}')).toMatch(/: see line 1, column 11\.$/);
    expect(wordsOf('{\r\n\n  "secret" 1}')).toMatch(/: see line 3, column 12\.$/);
    expect(wordsOf(`${'\n'.repeat(5000)}{"secret" 1}`)).toMatch(/: see line 5001, column 11\.$/);
    expect(wordsOf('{\n"secret"\n1}')).toMatch(/: see line 3, column 1\.$/);
    expect(wordsOf('{"secret" 1}')).not.toContain('secret');
  });

  it('counts the last of two members of one name', () => expect(read('{"a":1,"a":2}')).toEqual({ a: 2 }));

  it('looks at no more values when it has a few faults', () => {
    let looks = 0;
    const values = new Proxy(
      Array.from({ length: 50_000 }, () => '\u0000'),
      { get: (target, name) => (looks++, Reflect.get(target, name) as unknown) },
    );
    const parse = jest.spyOn(JSON, 'parse').mockReturnValue({ values });
    const { faults } = refusalOf('"\\u0000"');
    parse.mockRestore();
    expect(faults).toHaveLength(20);
    expect(faults[19]?.pointer).toBe('/values/19');
    expect(looks).toBeLessThan(50);
  });

  it('names a few of many faults, and cuts a name that would fill the answer', () => {
    const { faults } = refusalOf(`{"${'n'.repeat(MB)}":[${'{"__proto__":1},'.repeat(5000)}0]}`);
    expect(faults).toHaveLength(20);
    expect(JSON.stringify(faults).length).toBeLessThan(5000);
  });
});

describe('a list in a JSON body whose items have an outcome each', () => {
  const itemsOf = (text: string): unknown[] =>
    (readJsonBody(Buffer.from(text), 'jobs') as { jobs: unknown[] }).jobs;
  const refusalAt = (items: readonly unknown[], place: number): GatewayError => {
    const item = items[place];
    if (item instanceof FaultyItem) return item.refusal;
    throw new Error('It was taken.');
  };

  it.each([
    ['NUL', '{"a":["x\\u0000"]}', 'a.0'],
    ['half a surrogate pair for a name', '{"a":{"\\udfff":1}}', 'a.\uFFFD'],
    ['a reserved name', '{"a":{"__proto__":1}}', 'a.__proto__'],
    ['a number beyond all numbers', '{"a":1e999}', 'a'],
    ['no more than a string that has NUL', '"\\u0000"', undefined],
  ])('says of an item with %s what is wrong there, and keeps the others', (_, bad, param) => {
    const items = itemsOf(`{"jobs":[{"b":1},${bad},{"b":"\\u00e4"}]}`);
    expect([items[0], items[2]]).toEqual([{ b: 1 }, { b: '\u00e4' }]);
    const { code, detail } = refusalAt(items, 1);
    expect([code, detail.param]).toEqual(['invalid_request', param]);
  });

  it.each([
    ['beside it', '{"jobs":[1],"x":"\\u0000"}', '/x'],
    ['in a list of another name', '{"list":["\\u0000"]}', '/list/0'],
    ['in what is no list', '{"jobs":{"a":"\\u0000"}}', '/jobs/a'],
    ['in a reserved name beside it', '{"jobs":[1],"__proto__":{"jobs":1}}', '/__proto__'],
    ['in a body that is nothing else', '"\\u0000"', ''],
  ])('refuses the whole for a fault %s', (_, text, pointer) => {
    expect(() => itemsOf(text)).toThrow(GatewayError);
    expect(refusalOf(text).faults).toMatchObject([{ pointer }]);
  });

  it('names a few of the faults of a thousand, and at least one of each', () => {
    const items = itemsOf(`{"jobs":[${'["\\u0000","\\u0000","\\u0000"],'.repeat(999)}0]}`);
    const faults = items.slice(0, -1).map((_, place) => refusalAt(items, place).detail.faults?.length ?? 0);
    expect([Math.min(...faults), Math.max(...faults), items.at(-1)]).toEqual([1, 3, 0]);
    expect(faults.reduce((sum, count) => sum + count)).toBeLessThan(1040);
  });
});
