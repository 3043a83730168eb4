import { isStorableText, toStorableText } from './text';

describe('storable text', () => {
  it('is text without NUL and without half a surrogate pair', () => {
    expect(isStorableText('plain, \u00e4, \u{1F600}, \u0001')).toBe(true);
    expect(isStorableText('a\u0000')).toBe(false);
    expect(isStorableText('\ud83d')).toBe(false);
  });

  it('keeps what is whole and replaces what is not', () => {
    expect(toStorableText('a\u0000b\ud83dc\u{1F600}\udc00')).toBe('a\uFFFDb\uFFFDc\u{1F600}\uFFFD');
  });
});
