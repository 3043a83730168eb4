import { JobView } from '@longhaul/contract';
import { ChatOutput } from '@longhaul/jobs';
import { readChat } from './chat.dto';
import { completionOf, failureOf } from './completion';

const JOB = {
  id: 'job_01abc',
  status: 'completed',
  created_at: 1_900_000_000,
  resolved: { provider: 'glm', model: 'glm-4.6' },
  usage: null,
  cost_usd: null,
  attempts: { count: 2, max: 8 },
  error: null,
  urls: { self: '/v1/jobs/job_01abc' },
} as JobView;
const output = (finish_reason: ChatOutput['finish_reason']): ChatOutput => ({
  ...{ text: 'Hi', message: { role: 'assistant', content: 'Hi' }, finish_reason },
});

describe('a chat completion', () => {
  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'tool_calls'],
    ['unknown', 'stop'],
  ] as const)('has for the finish reason %s OpenAI’s %s', (ours, theirs) =>
    expect(completionOf(JOB, output(ours)).choices[0].finish_reason).toBe(theirs),
  );

  it('carries tool calls, no content and the state in its message, which then goes back as it is', () => {
    const calls = [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }] as const;
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: calls,
      state: { provider: 'glm', data: { thought: 'x' } },
    } as const;
    const { choices } = completionOf(JOB, {
      ...{ text: '', message, tool_calls: calls, finish_reason: 'tool_calls', reasoning: 'Hm.' },
    });
    expect(choices[0]).toEqual({
      index: 0,
      message: { ...message, refusal: null, reasoning_content: 'Hm.' },
      finish_reason: 'tool_calls',
      logprobs: null,
    });
    const messages = [choices[0].message, { role: 'tool', tool_call_id: 'c1', content: 'found' }];
    expect(readChat({ messages })).toMatchObject({ type: 'chat', input: { messages } });
  });

  it('without usage says null, not zero; without reasoning it has no such field', () => {
    const { usage, choices } = completionOf(JOB, output('stop'));
    expect(usage).toBeNull();
    expect(choices[0].message).not.toHaveProperty('reasoning_content');
  });
});

describe('a chat without an answer', () => {
  it('has the code and the sentence of its job, and its id', () => {
    const error = failureOf({ ...JOB, status: 'failed', error: { code: 'overloaded', message: 'Busy.' } });
    expect([error.code, error.message, error.row.status]).toEqual(['overloaded', 'Busy.', 503]);
    expect(error.detail).toMatchObject({ shouldRetry: false, extra: { job_id: 'job_01abc' } });
  });

  it('whose code is of another version is an internal fault', () =>
    expect(failureOf({ ...JOB, status: 'failed', error: { code: 'new_code', message: 'x' } }).code).toBe(
      'internal',
    ));
});
