import { JOB_KINDS, kindOf } from './index';

describe('the kinds', () => {
  it('are found by their type', () => {
    for (const kind of JOB_KINDS) expect(kindOf(kind.type)).toBe(kind);
  });

  it.each(['', 'chats', 'constructor', '__proto__'])(
    'refuse the type %j and name those that exist',
    (type) => {
      expect(() => kindOf(type)).toThrow(
        expect.objectContaining({
          code: 'invalid_request',
          detail: expect.objectContaining({
            faults: [{ pointer: '/type', detail: 'must be one of chat, audit.' }],
          }) as unknown,
        }) as Error,
      );
    },
  );
});
