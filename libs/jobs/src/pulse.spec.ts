import { Pulse } from './pulse';

describe('a pulse', () => {
  let clockMs = 0;
  let pulse: Pulse;

  beforeEach(() => {
    clockMs = 5_000;
    pulse = new Pulse('glm-4.6', () => clockMs);
  });

  it('has nothing to tell before the kind says a word, then the kind’s words and no tokens', () => {
    expect(pulse.progress()).toBeNull();
    pulse.say('auditing 3 files', 10);
    expect(pulse.progress()).toEqual({
      percent: 10,
      message: 'auditing 3 files',
      tokens: null,
      seconds_since_last_token: null,
    });
  });

  it('counts the silence before the first token', () => {
    pulse.say('waiting for the answer');
    pulse.call();
    expect(pulse.progress()?.message).toBe('waiting for the answer');
    clockMs += 14_400;
    expect(pulse.progress()).toEqual({
      percent: null,
      message: 'waiting for the first token of glm-4.6 for 14 s',
      tokens: null,
      seconds_since_last_token: null,
    });
  });

  it('estimates tokens from characters, and tells of a silence that lasts', () => {
    pulse.call();
    clockMs += 1_000;
    pulse.heard(1_341);
    clockMs += 2_900;
    expect(pulse.progress()).toEqual({
      percent: null,
      message: 'glm-4.6 is answering: about 336 tokens so far',
      tokens: 336,
      seconds_since_last_token: 2,
    });
    clockMs += 9_100;
    expect(pulse.progress()).toMatchObject({
      message: 'glm-4.6 is answering: about 336 tokens so far, silent for 12 s',
      seconds_since_last_token: 12,
    });
    pulse.heard(1_344);
    expect(pulse.progress()).toMatchObject({ tokens: 336, seconds_since_last_token: 0 });
  });

  it('takes the provider’s count when the answer is whole, and the kind’s words again', () => {
    pulse.say('waiting for the answer');
    pulse.call();
    pulse.heard(400);
    pulse.answered(57);
    expect(pulse.progress()).toMatchObject({ tokens: 57, message: 'glm-4.6 has answered' });
    pulse.say('looking every quote up in the files', 90);
    expect(pulse.progress()).toMatchObject({
      percent: 90,
      tokens: 57,
      message: 'looking every quote up in the files',
    });
  });

  it('keeps the estimate where the provider does not count', () => {
    pulse.call();
    pulse.heard(400);
    pulse.answered(null);
    expect(pulse.progress()?.tokens).toBe(100);
  });
});
