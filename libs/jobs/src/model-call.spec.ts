import { ChatAnswer, ChatEvent, ProviderState } from '@longhaul/contract';
import { nested } from './kinds/chat/chat.fixtures';
import { ModelCall } from './model-call';

const LEFT_OUT =
  'What glm wants back with this answer is too large to be kept, and was left out: a conversation goes on without it.';

interface Ended {
  readonly answer: ChatAnswer;
  readonly adjustments: readonly string[] | undefined;
}

async function answerWith(state: ProviderState['data']): Promise<Ended> {
  async function* stream(): AsyncGenerator<ChatEvent> {
    yield { type: 'adjusted', notes: ['Sent otherwise.'] };
    yield { type: 'headers', upstreamStatus: 200 };
    yield await Promise.resolve({ type: 'text', text: 'Hi' });
    yield { type: 'end', finishReason: 'stop', usage: null, state };
  }
  const call = new ModelCall({
    provider: { name: 'glm', stream },
    request: { model: 'm', messages: [] },
    clocks: { connectMs: 1000, firstTokenMs: 1000, idleMs: 1000, totalMs: 1000 },
    signal: new AbortController().signal,
    now: () => 0,
    onFirstPiece: () => undefined,
    onPiece: () => undefined,
  });
  return { answer: await call.answer(), adjustments: call.trace.adjustments };
}

describe('what a provider wants back with its answer', () => {
  it('is kept under its name, without a note', async () => {
    const { answer, adjustments } = await answerWith({ thought: ['x', 1, null] });
    expect(answer.state).toEqual({ provider: 'glm', data: { thought: ['x', 1, null] } });
    expect(adjustments).toEqual(['Sent otherwise.']);
  });

  it.each([
    ['too long', { thought: 'x'.repeat(4_000_000) }],
    ['too deep', nested(100_000) as ProviderState['data']],
  ])('is left out where it is %s to be sent back, and the attempt says so', async (_, state) => {
    const { answer, adjustments } = await answerWith(state);
    expect([answer.text, answer.state]).toEqual(['Hi', null]);
    expect(adjustments).toEqual(['Sent otherwise.', LEFT_OUT]);
  });
});
