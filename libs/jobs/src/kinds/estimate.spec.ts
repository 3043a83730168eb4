import { estimateTokens } from './estimate';

describe('estimateTokens', () => {
  it('counts a token for 3.3 ASCII bytes and for 2 bytes of anything else, rounded up', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('a')).toBe(1);
    expect(estimateTokens('a'.repeat(33))).toBe(10);
    expect(estimateTokens('ä'.repeat(10))).toBe(10);
    expect(estimateTokens('\u{1F600}')).toBe(2);
    expect(estimateTokens('a'.repeat(33) + '漢字')).toBe(13);
  });

  it('takes no time worth naming for megabytes of one character', () => {
    const startedMs = performance.now();
    estimateTokens('a'.repeat(5_000_000));
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
