import { isKnown, tagOf } from './etag';

describe('a tag', () => {
  it('is strong, and another for another text', () => {
    expect(tagOf('a')).toMatch(/^"[\w-]{22}"$/);
    expect(tagOf('a')).toBe(tagOf('a'));
    expect(tagOf('a')).not.toBe(tagOf('b'));
  });

  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('is known to If-None-Match %s: %s', (header, known) => expect(isKnown('"a"', header)).toBe(known));
});
