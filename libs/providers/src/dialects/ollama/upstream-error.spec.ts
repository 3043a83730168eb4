import { ErrorReply } from '../../wire';
import { readUpstreamError } from './upstream-error';

const reply = (status: number, body: unknown): ErrorReply => ({ status, headers: {}, body, nowMs: 0 });

describe('an error of Ollama', () => {
  it('tells how to get a missing model where it can be pulled, and only there', () => {
    const missing = reply(404, { error: "model 'm' not found" });
    expect(readUpstreamError(missing, false).remedy).toContain('`ollama pull {model}`');
    expect(readUpstreamError(missing, true)).not.toHaveProperty('remedy');
    const paid = reply(403, { error: 'this model requires a subscription' });
    expect(readUpstreamError(paid, false)).not.toHaveProperty('remedy');
  });

  it.each([
    ['model requires more system memory (48 GiB) than is available (12 GiB)', 'out_of_memory'],
    ['llama runner process has terminated: exit status 2', 'runner_stopped'],
    ['"m" does not support tools', 'no_tools'],
    ['"m" does not support thinking', 'no_thinking'],
    ['server busy, please try again.  maximum pending requests exceeded', 'queue_full'],
  ])('has a word of ours for: %s', (error, word) => {
    expect(readUpstreamError(reply(500, { error }), false).words).toContain(word);
  });

  it('never gives its sentence on', () => {
    const error = 'the prompt of the caller, and sk-secret';
    expect(JSON.stringify(readUpstreamError(reply(400, { error }), false))).not.toMatch(/prompt|secret/);
  });
});
