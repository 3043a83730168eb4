import fc from 'fast-check';
import { estimateTokens, sizeOf } from './estimate';

/** Characters of one to four bytes, and half of one. */
const fewOfEach = fc.string({ unit: fc.constantFrom('a', '\u007f', '\u0080', '漢', '\u{1F600}', '\ud83d') });

describe('estimateTokens', () => {
  it('counts a token for 3.3 ASCII bytes and for 2 bytes of anything else, rounded up', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('a')).toBe(1);
    expect(estimateTokens('a'.repeat(33))).toBe(10);
    expect(estimateTokens('ä'.repeat(10))).toBe(10);
    expect(estimateTokens('\u{1F600}')).toBe(2);
    expect(estimateTokens('a'.repeat(33) + '漢字')).toBe(13);
  });

  it('counts the same for a whole text as for its characters one by one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fewOfEach), (text) => {
        const characters = Array.from(text);
        const asciiBytes = characters.filter((character) => character < '\u0080').length;
        const otherBytes = Buffer.byteLength(text) - asciiBytes;
        expect(sizeOf(text)).toEqual({ asciiBytes, otherBytes });
      }),
    );
  });

  it('takes no time worth naming for megabytes of one character', () => {
    const startedMs = performance.now();
    estimateTokens('a'.repeat(5_000_000));
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
