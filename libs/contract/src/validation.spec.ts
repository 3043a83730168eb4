import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { GatewayError } from './errors';
import { fieldRule, IsListOf, IsNumberBetween, IsOneOf, IsShape, IsText, IsWholeNumber } from './fields';
import { invalidRequest, validateShape } from './validation';

class Message {
  @IsOneOf(['user', 'assistant']) role!: string;
  @IsText() content!: string;
}

class Limits {
  @IsOptional() @IsWholeNumber({ min: 1, max: 10 }) calls?: number;
}

class Body {
  @IsListOf(() => Message, { min: 1, max: 3 }) messages!: Message[];
  @IsOptional() @IsShape(() => Limits) limits?: Limits;
  @IsOptional() @IsNumberBetween({ min: 0, max: 2 }) temperature?: number;
  @IsOptional() @IsInt() @Min(1) @Max(5) level?: number;
  @IsOptional() @IsIn(['a', 'b']) @MaxLength(1) letter?: string;
  @IsOptional() free?: unknown;
}

const good = { messages: [{ role: 'user', content: 'Hello' }] };

function refusal(value: unknown, pointer = ''): GatewayError {
  try {
    validateShape(Body, value, { pointer });
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
  throw new Error('The value was accepted.');
}
const faultsOf = (value: unknown, pointer = ''): string[] =>
  (refusal(value, pointer).detail.faults ?? []).map((fault) => `${fault.pointer} ${fault.detail}`);
const parsed = (json: string): unknown => JSON.parse(json);

/** A list that counts how often one of its items is asked for. */
function watched(list: unknown[]): { items: unknown[]; looks: () => number } {
  let looks = 0;
  const get = (target: unknown[], name: string | symbol): unknown => {
    if (typeof name === 'string' && /^\d+$/.test(name)) looks++;
    return Reflect.get(target, name);
  };
  return { items: new Proxy(list, { get }), looks: () => looks };
}

describe('validateShape', () => {
  it('gives instances of the declared classes, nested ones too', () => {
    const body = validateShape(Body, { ...good, limits: { calls: 2 }, free: { any: [1] } });
    expect(body).toBeInstanceOf(Body);
    expect(body.messages[0]).toBeInstanceOf(Message);
    expect(body.limits).toBeInstanceOf(Limits);
    expect(body).toEqual({ ...good, limits: { calls: 2 }, free: { any: [1] } });
  });

  it('names each fault by its pointer under the given root, and what is allowed there', () => {
    const value = { messages: [good.messages[0], { role: 'wizard', content: '' }], temperature: 3 };
    expect(faultsOf(value, '/input').sort()).toEqual([
      '/input/messages/1/content must be text of at least 1 characters, without NUL and without unpaired surrogates.',
      '/input/messages/1/role must be one of user, assistant.',
      '/input/temperature must be a number from 0 to 2.',
    ]);
  });

  it('says of a missing field that it is required, and what it must be', () => {
    expect(faultsOf({})).toEqual(['/messages is required; it must be a list of 1 to 3 objects.']);
  });

  it('refuses an unknown field at any depth and lists the known ones', () => {
    const value = { messages: [{ ...good.messages[0], 'na/me~': 1 }], colour: 'red' };
    expect(faultsOf(value)).toEqual([
      '/messages/0/na~1me~0 is not a known field; the fields allowed here are role, content.',
      '/colour is not a known field; the fields allowed here are messages, limits, temperature, level, letter, free.',
    ]);
  });

  it.each(['hasOwnProperty', 'isPrototypeOf', 'toString', '__defineGetter__'])(
    'takes the inherited name %s for an unknown field',
    (name) => expect(faultsOf({ ...good, [name]: 1 })[0]).toContain(`/${name} is not a known field`),
  );

  it.each(['__proto__', 'constructor', 'prototype'])('refuses the name %s everywhere', (name) => {
    const reserved = 'is a reserved name and never allowed; remove it.';
    const held = parsed(`{"${name}":{"admin":true}}`) as object;
    expect(faultsOf(Object.assign(parsed(`{"${name}":1,"messages":[]}`) as object))).toContain(
      `/${name} ${reserved}`,
    );
    expect(faultsOf({ ...good, limits: held })).toEqual([`/limits/${name} ${reserved}`]);
    expect(faultsOf({ ...good, free: [{ deep: held }] })).toEqual([`/free/0/deep/${name} ${reserved}`]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each([
    [
      'an object for a list',
      { messages: { 0: good.messages[0] } },
      '/messages must be a list of 1 to 3 objects.',
    ],
    ['a list of lists', { messages: [good.messages] }, '/messages/0 must be an object.'],
    ['null in a list', { messages: [null] }, '/messages/0 must be an object.'],
    ['text in a list', { messages: ['hi'] }, '/messages/0 must be an object.'],
    ['a list for an object', { ...good, limits: [] }, '/limits must be an object.'],
    ['null for a list', { messages: null }, '/messages must be a list of 1 to 3 objects.'],
    ['an empty list', { messages: [] }, '/messages must be a list of 1 to 3 objects.'],
    ['a list for the whole', [], ' must be an object.'],
    ['null for the whole', null, ' must be an object.'],
  ])('takes %s for one fault', (_what, value, fault) => expect(faultsOf(value)).toEqual([fault]));

  it('says only that the type is wrong when it is, and every broken rule when it is right', () => {
    expect(faultsOf({ ...good, level: 'x' })).toEqual(['/level must be an integer number.']);
    expect(faultsOf({ ...good, level: 9 })).toEqual(['/level must not be greater than 5.']);
    expect(faultsOf({ ...good, letter: 'xyz' })).toEqual([
      '/letter must be one of the following values: a, b.',
    ]);
  });

  it('never repeats a value, in the message or in a fault', () => {
    const secret = 'sk-my-prompt';
    const value = { messages: [{ role: secret, content: 5 }], limits: secret, level: secret, letter: secret };
    const error = refusal(value);
    expect(JSON.stringify([error.message, error.detail])).not.toContain(secret);
    expect(error.message).toMatch(/^The request has 5 faults, the first at /);
    expect(error.code).toBe('invalid_request');
  });

  it('cuts a long name and shows at most a hundred faults', () => {
    const names = Array.from({ length: 300 }, (_, n) => [`${'x'.repeat(200)}${String(n)}`, 1]);
    const faults = faultsOf({ ...good, ...(Object.fromEntries(names) as object) });
    expect(faults).toHaveLength(100);
    expect(faults[0]).toContain(`/${'x'.repeat(64)}… is not`);
  });

  it('never cuts a name into half of a character, nor into half of an escape', () => {
    const faults = faultsOf({ ...good, [`${'x'.repeat(63)}\u{1F600}y`]: 1, ['/'.repeat(70)]: 1 });
    expect(faults[0]).toContain(`/${'x'.repeat(63)}\uFFFD… is not`);
    expect(faults[1]).toContain(`/${'~1'.repeat(64)}… is not`);
  });

  describe('looks no further than a hundred faults', () => {
    const names = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`x${String(n)}`, 1])) as object;

    it('and says that there are more', () => {
      expect(refusal({ ...good, ...names(300) }).message).toMatch(/^The request has more than 100 faults, /);
      expect(refusal({ ...good, ...names(100) }).message).toMatch(/^The request has 100 faults, /);
    });

    it('in the items of a list', () => {
      class Long {
        @IsListOf(() => Message, { min: 1, max: 50_000 }) messages!: Message[];
      }
      const { items, looks } = watched(Array.from({ length: 50_000 }, () => ({ colour: 'red' })));
      expect(() => validateShape(Long, { messages: items })).toThrow('has more than 100 faults');
      expect(looks()).toBeLessThan(110);
    });

    it('in a value of any form', () => {
      let looks = 0;
      const held = (): unknown =>
        new Proxy({ constructor: 1 }, { ownKeys: (target) => (looks++, Reflect.ownKeys(target)) });
      const free = Array.from({ length: 50_000 }, held);
      expect(refusal({ ...good, free }).message).toContain('has more than 100 faults');
      expect(looks).toBe(101);
    });

    it('and leaves the rules of the fields alone then', () => {
      let checks = 0;
      class Counted {
        @fieldRule({ name: 'counts', expected: 'must be 1.', schema: {}, check: () => ++checks > 0 })
        level!: number;
      }
      expect(() => validateShape(Counted, { level: 1, ...names(99) })).toThrow('has 99 faults');
      expect(checks).toBe(1);
      expect(() => validateShape(Counted, { level: 1, ...names(101) })).toThrow('more than 100 faults');
      expect(checks).toBe(1);
    });
  });

  it('looks at no item of a list that is too long, and says only that', () => {
    const { items, looks } = watched(Array.from({ length: 50_000 }, () => ({ colour: 'red' })));
    expect(faultsOf({ messages: items })).toEqual(['/messages must be a list of 1 to 3 objects.']);
    expect(looks()).toBe(0);
  });

  it('survives values that are nested deeper than the stack', () => {
    let deep: unknown = parsed('{"constructor":1}');
    for (let level = 0; level < 200_000; level++) deep = { a: deep };
    expect(faultsOf({ ...good, free: deep })[0]).toMatch(/^\/free(\/a){32}\/… is a reserved name/);
  });

  it('answers any JSON with an instance or with faults that have pointers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          expect(validateShape(Body, value)).toBeInstanceOf(Body);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GatewayError);
          for (const { pointer, detail } of (thrown as GatewayError).detail.faults ?? []) {
            expect(pointer).toMatch(/^(\/|$)/);
            expect(detail).toMatch(/\.$/);
          }
        }
      }),
    );
  });

  it('refuses a class whose nested field would let lists of lists through', () => {
    class Loose {
      @ValidateNested() @IsString() inner!: string;
    }
    expect(() => validateShape(Loose, {})).toThrow(
      'Loose.inner has no nested shape: use @IsShape or @IsListOf',
    );
  });
});

describe('IsText', () => {
  class Note {
    @IsText({ max: 5 }) text!: string;
  }
  it.each([['a\u0000b'], ['\ud800'], ['a\udc00'], [''], ['123456']])('refuses %j', (text) =>
    expect(() => validateShape(Note, { text })).toThrow('must be text of 1 to 5 characters'),
  );
  it.each([['a'], ['\u{1F600}'], ['\n\t ']])('takes %j', (text) =>
    expect(validateShape(Note, { text }).text).toBe(text),
  );
});

describe('invalidRequest', () => {
  it('names the parameter and says what to do', () => {
    const error = invalidRequest([{ pointer: '/input/a', detail: 'must be b.' }]);
    expect(error.message).toBe(
      'The request has a fault at /input/a: it must be b. Correct it and send it again.',
    );
    expect(error.detail.param).toBe('input.a');
  });
});
