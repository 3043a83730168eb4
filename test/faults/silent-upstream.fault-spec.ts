import { startLonghaul } from '../support/longhaul';

const isSlow = process.env.LONGHAUL_SLOW === '1';
/** 310 s proves that no HTTP client's own 300 s clock is in the way; the quick run proves the clock itself. */
const firstTokenSeconds = isSlow ? 310 : 3;

jest.setTimeout(firstTokenSeconds * 1000 + 60_000);

describe('a silent upstream', () => {
  it(`is ended by the first-token clock after ${String(firstTokenSeconds)} s, give or take one, with code timeout`, async () => {
    const longhaul = await startLonghaul({
      backEnd: 'postgres',
      env: { FIRST_TOKEN_TIMEOUT_SECS: String(firstTokenSeconds) },
    });
    longhaul.upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ holdBefore: 'headers', text: 'never', repeat: 'forever' }],
    });
    await longhaul.worker();
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'silent', { fallbacks: [] });
    const job = await longhaul.ended(id, firstTokenSeconds * 1000 + 30_000);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    const [call] = longhaul.upstream.calls();
    const heldMs = (call?.clientClosedAt ?? 0) - (call?.receivedAt ?? 0);
    expect(Math.abs(heldMs - firstTokenSeconds * 1000)).toBeLessThanOrEqual(1000);
    expect(longhaul.upstream.calls()).toHaveLength(1);
  });
});
