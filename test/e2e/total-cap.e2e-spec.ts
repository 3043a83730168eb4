import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(300_000);

const countRefusals = async (longhaul: Longhaul, lane: string): Promise<number> => {
  const [row] = await longhaul.sql<{ refused: string }>(`SELECT refused FROM lanes WHERE name = '${lane}'`);
  return Number(row?.refused);
};

const submitMany = async (longhaul: Longhaul, model: string, count: number) => {
  for (let sent = 0; sent < count; sent += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, count - sent) }, (_, i) =>
        longhaul.chat(model, `${model.split('/')[0] ?? ''}-${String(sent + i)}`),
      ),
    );
  }
};

describe.each(backEnds())('the total cap (%s)', (backEnd) => {
  it('lets a full house cost no more than ten claims a second per lane, with 500 jobs waiting and three workers', async () => {
    const longhaul = await startLonghaul({ backEnd, env: { MAX_INFLIGHT_TOTAL: '2' } });
    longhaul.upstream.script({
      match: { provider: 'glm' },
      replies: [{ holdBefore: 'headers', text: 'late', repeat: 'forever' }],
    });
    longhaul.upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ text: 'done', repeat: 'forever' }],
    });
    await Promise.all([longhaul.worker(), longhaul.worker(), longhaul.worker()]);
    await submitMany(longhaul, 'glm/glm-4.6', 2);
    await longhaul.upstream.waitForHeld(2);
    await submitMany(longhaul, 'moonshot/kimi-k2.6', 500);
    await until('the first refusal', async () => (await countRefusals(longhaul, 'moonshot')) > 0);
    const before = await countRefusals(longhaul, 'moonshot');
    const seconds = 10;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const perSecond = ((await countRefusals(longhaul, 'moonshot')) - before) / seconds;
    expect(perSecond).toBeLessThanOrEqual(10);
    expect(perSecond).toBeGreaterThan(0.5);
    expect(longhaul.upstream.calls({ provider: 'moonshot' })).toHaveLength(0);
    longhaul.upstream.release('all');
    await longhaul.upstream.waitForEnded(20, { provider: 'moonshot' });
  });

  it('is shared: a single job of lane B starts within two job lengths beside a thousand of lane A, ten times of ten', async () => {
    const jobMs = 2000;
    const longhaul = await startLonghaul({ backEnd, env: { MAX_INFLIGHT_TOTAL: '4' } });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ text: 'done', delayFirstTokenMs: jobMs, repeat: 'forever' }],
    });
    upstream.script({
      match: { provider: 'glm' },
      replies: [{ text: 'done', delayFirstTokenMs: jobMs, repeat: 'forever' }],
    });
    await Promise.all([longhaul.worker(), longhaul.worker()]);
    await submitMany(longhaul, 'moonshot/kimi-k2.6', 1000);
    await upstream.waitForCalls(4, { provider: 'moonshot' });
    const waits: number[] = [];
    for (let round = 1; round <= 10; round++) {
      const sentAt = Date.now();
      const { id } = await longhaul.chat('glm/glm-4.6', `lone-${String(round)}`);
      const [call] = await upstream.waitForCalls(1, { marker: `lone-${String(round)}` });
      waits.push((call?.receivedAt ?? Infinity) - sentAt);
      await longhaul.ended(id);
    }
    expect(waits.filter((ms) => ms > 2 * jobMs)).toEqual([]);
    expect(upstream.summary().maxInFlight).toBe(4);
  });
});
