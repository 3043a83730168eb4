import { ChatEvent, Target, Usage } from '@longhaul/contract';
import { ModelCall } from './model-call';
import { answered } from './settlement';

const HEAD = { jobId: 'job_1', fence: 1, worker: 'w' };
const TARGET: Target = {
  provider: 'openrouter',
  model: 'm',
  contextWindow: null,
  maxOutputTokens: null,
  minOutputTokens: null,
  price: null,
};
const CLOCKS = { connectMs: 1000, firstTokenMs: 1000, idleMs: 1000, totalMs: 1000 };
const USAGE: Usage = { freshInput: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };

async function bookingOf(end: { readonly usage: Usage | null; readonly statedCostNanoUsd?: number }) {
  async function* stream(): AsyncGenerator<ChatEvent> {
    yield { type: 'headers', upstreamStatus: 200 };
    yield await Promise.resolve({ type: 'text', text: 'Hello' });
    yield { type: 'end', finishReason: 'stop', ...end };
  }
  const call = new ModelCall({
    provider: { name: 'openrouter', stream },
    request: { model: 'm', messages: [] },
    clocks: CLOCKS,
    signal: new AbortController().signal,
    now: () => 0,
    onFirstPiece: () => undefined,
    onPiece: () => undefined,
  });
  await call.answer();
  const { attempt } = answered(HEAD, { status: 'completed', output: {} }, { call, target: TARGET });
  return { call: attempt.call, nanoUsd: attempt.nanoUsd };
}

describe('what is booked of an answer', () => {
  it('is the price that the provider states, also where its counts are no counts', async () => {
    expect(await bookingOf({ usage: USAGE, statedCostNanoUsd: 7 })).toEqual({ call: 'answered', nanoUsd: 7 });
    expect(await bookingOf({ usage: null, statedCostNanoUsd: 7 })).toEqual({ call: 'answered', nanoUsd: 7 });
  });

  it('is unpriced where neither is known, never free', async () => {
    expect(await bookingOf({ usage: USAGE })).toEqual({ call: 'answered', nanoUsd: null });
    expect(await bookingOf({ usage: null })).toEqual({ call: 'unknown', nanoUsd: null });
  });
});
