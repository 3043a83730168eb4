import fc from 'fast-check';
import { canonicalJson, readIdempotencyKey } from './idempotency-key';

const keyOf = (header: string) => readIdempotencyKey(header, { route: 'POST /v1/jobs', body: {} })?.key;

describe('the Idempotency-Key header', () => {
  it('is no key when it is not sent', () =>
    expect(readIdempotencyKey(undefined, { route: 'POST /v1/jobs', body: {} })).toBeUndefined());

  it('is the same key bare and in quotes', () => {
    expect(keyOf('order-17')).toBe('order-17');
    expect(keyOf('"order-17"')).toBe('order-17');
  });

  it('may have 255 characters', () => expect(keyOf('k'.repeat(255))).toHaveLength(255));

  it.each(['', '""', 'a b', 'a, b', 'a"b', '"a', 'ä', 'k'.repeat(256), 'a\u0000b', 'a\tb'])(
    'is refused as malformed when it is %j',
    (header) => expect(() => keyOf(header)).toThrow(expect.objectContaining({ code: 'malformed_request' })),
  );
});

describe('the fingerprint of a body', () => {
  const printOf = (body: unknown) => readIdempotencyKey('k', { route: 'POST /v1/jobs', body })?.fingerprint;

  it('does not depend on the order of names, and does on everything else', () => {
    const body = { type: 'chat', input: { a: 1, b: [1, 2] } };
    expect(printOf(body)).toBe(printOf({ input: { b: [1, 2], a: 1 }, type: 'chat' }));
    expect(printOf(body)).not.toBe(printOf({ ...body, input: { a: 1, b: [2, 1] } }));
    expect(printOf(body)).not.toBe(printOf({ ...body, input: { a: '1', b: [1, 2] } }));
    expect(printOf(body)).not.toBe(printOf({ ...body, model: null }));
  });

  it('is a SHA-256 in hex', () => expect(printOf({})).toMatch(/^[0-9a-f]{64}$/));

  it('comes from JSON that reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as unknown;
        expect(JSON.parse(canonicalJson(json))).toEqual(json);
      }),
    );
  });
});
