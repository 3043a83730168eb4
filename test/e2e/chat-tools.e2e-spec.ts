import { createHash } from 'node:crypto';
import { JobView } from '@longhaul/contract';
import { AttemptView } from '@longhaul/records';
import { Longhaul, startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(120_000);

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
};
const QUESTION = { role: 'user', content: 'Paris' };
const ANSWER_OF_TOOL = '12 degrees';

interface Message {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly state?: { readonly provider: string; readonly data: object };
}
interface Output {
  readonly text: string;
  readonly message: Message;
  readonly finish_reason: string;
}

/** As the upstream's log tells two prompts apart, which it does not keep. */
const digestOf = (messages: unknown): string =>
  createHash('sha256').update(JSON.stringify(messages)).digest('hex');

describe.each(backEnds().slice(0, 1))('a chat with tools (%s)', (backEnd) => {
  let longhaul: Longhaul;

  beforeAll(async () => {
    longhaul = await startLonghaul({ backEnd });
    await longhaul.worker();
  });
  beforeEach(() => {
    longhaul.upstream.reset();
  });

  const ended = async (model: string, input: object, more: object = {}): Promise<JobView> =>
    longhaul.ended((await longhaul.submit({ type: 'chat', model, fallbacks: [], input, ...more })).id);
  const outputOf = async ({ id }: JobView): Promise<Output> =>
    (await longhaul.job(id, '?include=output')).output as Output;
  const adjustmentsOf = async ({ id }: JobView): Promise<(readonly string[])[]> =>
    ((await longhaul.attempts(id)) as unknown as AttemptView[]).map(({ adjustments }) => adjustments);
  const after = ({ message }: Output): object[] => [
    QUESTION,
    message,
    { role: 'tool', tool_call_id: message.tool_calls?.[0]?.id, content: ANSWER_OF_TOOL },
  ];

  /** Moonshot thinks, and calls the tool. */
  async function called(): Promise<Output> {
    longhaul.upstream.script({
      match: { provider: 'moonshot' },
      replies: [
        {
          reasoning: 'I must look.',
          toolCalls: [{ id: 'weather:0', name: 'weather', arguments: '{"place":"Paris"}' }],
        },
      ],
    });
    const job = await ended('moonshot/kimi-k2.6', { messages: [QUESTION], tools: [WEATHER] });
    expect(job).toMatchObject({ status: 'completed', error: null });
    return outputOf(job);
  }

  it('gives the call, and with its result the answer: on the sandbox, which has no key', async () => {
    const tools = { tools: [WEATHER], tool_choice: 'required' };
    const first = await outputOf(await ended('sandbox/echo', { messages: [QUESTION], ...tools }));
    expect(first).toMatchObject({
      text: '',
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [{ type: 'function', function: { name: 'weather', arguments: '{"place":"Paris"}' } }],
      },
    });
    const second = await ended('sandbox/echo', { messages: after(first), ...tools });
    expect(await outputOf(second)).toMatchObject({ text: ANSWER_OF_TOOL, finish_reason: 'stop' });
    expect(await adjustmentsOf(second)).toEqual([[]]);
  });

  it('is the same over /v1/chat, whose message goes back as it is', async () => {
    const chat = async (messages: object[]): Promise<{ message: Message; finish_reason: string }> => {
      const answer = await fetch(`${longhaul.api.url}/v1/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'sandbox/echo', messages, tools: [WEATHER], tool_choice: 'required' }),
      });
      expect(answer.status).toBe(200);
      const { choices } = (await answer.json()) as { choices: [{ message: Message; finish_reason: string }] };
      return choices[0];
    };
    const { message, finish_reason } = await chat([QUESTION]);
    expect([message.content, finish_reason]).toEqual([null, 'tool_calls']);
    const last = await chat(after({ text: '', message, finish_reason }));
    expect(last).toMatchObject({ message: { content: ANSWER_OF_TOOL }, finish_reason: 'stop' });
  });

  it('keeps what its provider thought, and gives it back to that provider', async () => {
    const first = await called();
    expect(first.message.state).toEqual({
      provider: 'moonshot',
      data: { reasoning_content: 'I must look.' },
    });
    const second = await ended('moonshot/kimi-k2.6', { messages: after(first), tools: [WEATHER] });
    expect(await outputOf(second)).toMatchObject({ text: ANSWER_OF_TOOL });
    expect(await adjustmentsOf(second)).toEqual([[]]);
    const [, sent] = longhaul.upstream.calls({ provider: 'moonshot' });
    const [, message, result] = after(first) as [unknown, Message, { tool_call_id: string }];
    expect(sent?.promptSha256).toBe(
      digestOf([
        QUESTION,
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'I must look.',
          tool_calls: message.tool_calls,
        },
        { role: 'tool', content: ANSWER_OF_TOOL, tool_call_id: result.tool_call_id },
      ]),
    );
  });

  it('drops that when the next rung is another provider, and its attempt says so', async () => {
    const first = await called();
    longhaul.upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ status: 401, repeat: 'forever' }],
    });
    const input = { messages: after(first), tools: [WEATHER] };
    const second = await ended('moonshot/kimi-k2.6', input, { fallbacks: ['openai/gpt-5.4-mini'] });
    expect(second).toMatchObject({ status: 'completed', resolved: { provider: 'openai' } });
    expect(await outputOf(second)).toMatchObject({ text: ANSWER_OF_TOOL });
    expect(await adjustmentsOf(second)).toEqual([
      [],
      ['The state of a message was left out: another provider gave it, and openai cannot read it.'],
    ]);
  });

  it('whose budget a model cannot live on has a larger one, and so has the repeat after it was spent', async () => {
    longhaul.upstream.script({
      match: { provider: 'openai' },
      replies: [{ reasoning: 'Hm.', text: '', finishReason: 'length' }, { text: 'At last.' }],
    });
    const job = await ended('openai/gpt-5.4-mini', { messages: [QUESTION], max_output_tokens: 100 });
    expect(job).toMatchObject({ status: 'completed', attempts: { count: 2 } });
    expect(await adjustmentsOf(job)).toEqual([
      ['max_output_tokens 100 was raised to 1500: this model spends output on reasoning first.'],
      ['max_output_tokens was raised to 3000: an earlier attempt spent all of its own before any answer.'],
    ]);
    const budgets = longhaul.upstream.calls().map(({ parameters }) => parameters['max_completion_tokens']);
    expect(budgets).toEqual([1500, 3000]);
  });

  it('is refused before it is accepted where the model that is named has no tools', async () => {
    const answer = await fetch(`${longhaul.api.url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ type: 'chat', model: 'sandbox/reviewer', fallbacks: [] },
        input: { messages: [QUESTION], tools: [WEATHER] },
      }),
    });
    expect(answer.status).toBe(422);
    const problem = (await answer.json()) as { code: string; detail: string };
    expect(problem.code).toBe('no_route');
    expect(problem.detail).toContain('sandbox/reviewer lacks tools.');
  });
});
