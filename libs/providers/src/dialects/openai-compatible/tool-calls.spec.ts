import { ToolCalls } from './tool-calls';

const piece = (args: string, more: object = {}) => ({
  tool_calls: [{ ...more, function: { name: 'look', arguments: args } }],
});
const assembled = (...parts: object[]) => {
  const calls = new ToolCalls(new Set());
  for (const part of parts) calls.take({ ...part });
  return calls.whole(false)?.map(({ id, arguments: text }) => [id, text]);
};

describe('tool calls', () => {
  it('without index and id are told apart, in one list and one after the other', () => {
    const inOne = {
      tool_calls: [...piece('{"a":1}').tool_calls, ...piece('{"b":1}').tool_calls, ...piece('').tool_calls],
    };
    expect(assembled(inOne)).toEqual([
      ['call_1', '{"a":1}'],
      ['call_2', '{"b":1}'],
      ['call_3', '{}'],
    ]);
    expect(assembled(piece('{"a":1}'), piece('{"b":1}'))).toEqual([
      ['call_1', '{"a":1}'],
      ['call_2', '{"b":1}'],
    ]);
    expect(assembled(piece('{"a":'), piece('1}'))).toEqual([['call_1', '{"a":1}']]);
  });

  it('with an index go on, even where the name comes again after whole arguments', () => {
    expect(assembled(piece('{"a":1}', { index: 0 }), piece('', { index: 0 }))).toEqual([
      ['call_1', '{"a":1}'],
    ]);
  });

  it('may be many and long, but not without an end', () => {
    const many = (count: number) => ({
      tool_calls: Array.from({ length: count }, (_, index) => ({
        index,
        function: { name: 'look', arguments: '{}' },
      })),
    });
    expect(assembled(many(512))).toHaveLength(512);
    expect(() => assembled(many(513))).toThrow(expect.objectContaining({ fault: 'too_large' }));
    const long = 'x'.repeat(1024 * 1024);
    expect(() => assembled(...Array.from({ length: 5 }, () => piece(long, { index: 0 })))).toThrow(
      expect.objectContaining({ fault: 'too_large' }),
    );
  });
});
