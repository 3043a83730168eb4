import { ChatMessage, ProviderState } from '@longhaul/contract';
import { CALL, HI, NEW, OLD, sent } from './request.fixtures';
import { TurnMemory } from './provider-state';

const SIGNED = { functionCall: { name: 'look', args: { at: 'sky' } }, thoughtSignature: 'c2ln' };
const SECOND = { functionCall: { id: 'own-2', name: 'look', args: {} } };

const kept = (...parts: Record<string, unknown>[]) => {
  const memory = new TurnMemory();
  for (const part of parts) memory.note(part);
  return memory.stateFor(NEW);
};

describe('what is kept of a turn', () => {
  it('is its parts in their order when one of them is signed, unsigned text as one', () => {
    const thought = { text: 'Hm.', thought: true };
    const end = { text: '', thoughtSignature: 'ZW5k' };
    expect(kept(thought, { text: 'a' }, { text: 'b' }, SIGNED, SECOND, { text: 'c' }, end)).toEqual({
      model: NEW,
      parts: [{ text: 'ab' }, SIGNED, SECOND, { text: 'c' }, end],
    });
  });

  it('is a thought too, when it is signed, and signed text stays apart from other text', () => {
    const thought = { text: 'Hm.', thought: true, thoughtSignature: 'dGg' };
    const signed = { text: 'b', thoughtSignature: 'dHg' };
    expect(kept(thought, { text: 'a' }, signed, { text: 'c' })?.['parts']).toEqual([
      ...[thought, { text: 'a' }, signed, { text: 'c' }],
    ]);
  });

  it('is nothing when nothing is signed', () => {
    expect(kept({ text: 'a' }, SECOND)).toBeUndefined();
  });
});

describe('what comes back with a message', () => {
  const parts = [{ text: 'Wait.' }, SIGNED, SECOND];
  const turn = (
    changes: Partial<ChatMessage> = {},
    data: ProviderState['data'] = { model: NEW, parts },
  ): ChatMessage => ({
    ...{ role: 'assistant', content: 'Wait.', toolCalls: [CALL, { ...CALL, id: 'own-2' }] },
    state: { provider: 'gemini', data },
    ...changes,
  });
  const results: ChatMessage[] = [
    { role: 'tool', content: 'one', toolCallId: 'call_1' },
    { role: 'tool', content: 'two', toolCallId: 'own-2' },
  ];
  const contentsAfter = (message: ChatMessage, model = NEW) =>
    sent({ model, messages: [HI, message, ...results] }).body['contents'] as { parts: unknown[] }[];

  it('is the turn as the model gave it; a result has an id where the call has one', () => {
    const [, echoed, answers] = contentsAfter(turn());
    expect(echoed).toEqual({ role: 'model', parts });
    expect(answers?.parts).toEqual([
      { functionResponse: { name: 'look', response: { output: 'one' } } },
      { functionResponse: { id: 'own-2', name: 'look', response: { output: 'two' } } },
    ]);
  });

  it.each([
    ['another model signed it', turn(), OLD],
    ['the text was changed', turn({ content: 'No.' }), NEW],
    ['a call was taken out', turn({ toolCalls: [CALL] }), NEW],
    ['a call was renamed', turn({ toolCalls: [CALL, { ...CALL, id: 'own-2', name: 'hear' }] }), NEW],
    ['it is of another form', turn({}, { model: NEW, parts: 'c2ln' }), NEW],
    ['its parts are no objects', turn({}, { model: NEW, parts: [null] }), NEW],
    ['it is empty', turn({}, {}), NEW],
  ] as const)('is not what was kept when %s', (_, message, model) => {
    const messages = [HI, message, ...results.slice(0, message.toolCalls?.length)];
    const body = JSON.stringify(sent({ model, messages }).body);
    expect(body).not.toContain('c2ln');
    expect(body).toContain('"functionCall":{"id":"call_1","name":"look","args":{"at":"sky"}}');
  });
});
