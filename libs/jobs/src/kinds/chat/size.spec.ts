import { call, format, image, PIXEL, tool, user } from './chat.fixtures';
import { parseChatInput } from './input';
import { needOf, TOKENS_PER_IMAGE } from './size';

const need = (input: object) => needOf(parseChatInput({ messages: [user], ...input }));
const PLAIN = need({}).inputTokens;

describe('the need of a chat', () => {
  it('counts system, messages and separators, and takes 4096 for the output when none is given', () => {
    expect(need({})).toEqual({ type: 'chat', inputTokens: 10, outputTokens: 4096, capabilities: [] });
    expect(need({ system: 'x'.repeat(330), max_output_tokens: 7 })).toMatchObject({
      inputTokens: 10 + 100 + 8,
      outputTokens: 7,
    });
  });

  it('counts an image as one, however long its address is', () => {
    const of = (url: string) =>
      need({ messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, image(url)] }] });
    expect(of(PIXEL).inputTokens).toBe(8 + 1 + TOKENS_PER_IMAGE);
    expect(of(`data:image/png;base64,${'A'.repeat(400_000)}`)).toEqual(of('https://a.example/b.png'));
  });

  it.each([
    ['tools', { tools: [tool('look', { description: 'x'.repeat(3300) })] }],
    ['a schema', { response_format: format({ schema: { description: 'x'.repeat(3300) } }) }],
    [
      'tool calls',
      {
        messages: [
          user,
          {
            role: 'assistant',
            tool_calls: [{ ...call('a'), function: { name: 'a', arguments: 'x'.repeat(3300) } }],
          },
        ],
      },
    ],
    [
      'what a provider wants back',
      {
        messages: [
          user,
          { role: 'assistant', content: 'a', state: { provider: 'glm', data: { a: 'x'.repeat(3300) } } },
        ],
      },
    ],
  ])('counts %s', (_, input) => {
    const tokens = need(input).inputTokens - PLAIN;
    expect(tokens).toBeGreaterThan(1000);
    expect(tokens).toBeLessThan(1100);
  });

  it.each([
    ['nothing', {}, []],
    ['nothing', { tools: [], reasoning_effort: 'none', response_format: { type: 'text' } }, []],
    ['tools', { tools: [tool('look')] }, ['tools']],
    ['tools', { messages: [{ role: 'assistant', tool_calls: [call('a')] }] }, ['tools']],
    ['vision', { messages: [{ role: 'user', content: [image(PIXEL)] }] }, ['vision']],
    ['nothing', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }, []],
    ['json_mode', { response_format: { type: 'json_object' } }, ['json_mode']],
    ['json_schema', { response_format: format({}) }, ['json_schema']],
    ['reasoning', { reasoning_effort: 'minimal' }, ['reasoning']],
    [
      'all of it',
      { tools: [tool('a')], response_format: format({}), reasoning_effort: 'xhigh' },
      ['tools', 'json_schema', 'reasoning'],
    ],
  ])('needs %s of the model for %j', (_, input, capabilities) =>
    expect(need(input).capabilities).toEqual(capabilities),
  );
});
