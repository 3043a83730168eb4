import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(120_000);

describe.each(backEnds())('hand-over to the next provider’s lane (%s)', (backEnd) => {
  let longhaul: Longhaul;

  beforeAll(async () => {
    longhaul = await startLonghaul({ backEnd });
  });

  it('waits in the next lane until a worker serves it, and carries lane and ring in its attempts', async () => {
    const { upstream } = longhaul;
    upstream.script({ match: { provider: 'moonshot' }, replies: [{ status: 500, repeat: 'forever' }] });
    const first = await longhaul.worker({ WORKER_LANES: 'moonshot' });
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'a', { fallbacks: ['glm/glm-4.6'] });
    const waiting = await until('the job in fallback', async () => {
      const job = await longhaul.job(id);
      return job.phase === 'fallback' && job;
    });
    expect(waiting).toMatchObject({
      status: 'in_progress',
      phase: 'fallback',
      resolved: { provider: 'glm', model: 'glm-4.6' },
    });
    await until('the ticket in lane glm', async () => {
      const [row] = await longhaul.sql<{ rung: boolean }>(
        `SELECT rung_at IS NOT NULL AS rung FROM jobs WHERE id = '${id}'`,
      );
      return row?.rung;
    });
    expect(await ticketsIn(longhaul, 'glm')).toBe(1);
    expect(upstream.calls({ provider: 'moonshot' })).toHaveLength(2);
    expect(upstream.calls({ provider: 'glm' })).toHaveLength(0);
    await longhaul.worker({ WORKER_LANES: 'glm' });
    expect(await longhaul.ended(id)).toMatchObject({ status: 'completed', resolved: { provider: 'glm' } });
    expect(await longhaul.attempts(id)).toMatchObject([
      { number: 1, lane: 'moonshot', ring: 1, status: 'failed', error: { code: 'upstream_error' } },
      { number: 2, lane: 'moonshot', status: 'failed', error: { code: 'upstream_error' } },
      { number: 3, lane: 'glm', status: 'succeeded', error: null, call: 'answered' },
    ]);
    const rings = (await longhaul.attempts(id)).map((attempt) => attempt.ring);
    expect([...rings].sort((left, right) => left - right)).toEqual(rings);
    expect(new Set(rings).size).toBe(3);
    expect(await handOversOf(longhaul, id)).toMatchObject([
      {
        from: { provider: 'moonshot', model: 'kimi-k2.6' },
        to: { provider: 'glm', model: 'glm-4.6' },
        ...{ code: 'upstream_error', after_calls: 2 },
        candidates: [{ provider: 'glm', model: 'glm-4.6', eligible: true }],
      },
    ]);
    await first.stop();
  });

  it('passes over a target that a rule refuses by then, and keeps why', async () => {
    const { upstream } = longhaul;
    upstream.reset();
    upstream.script({ match: { provider: 'moonshot' }, replies: [{ status: 401, repeat: 'forever' }] });
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'c', {
      fallbacks: ['glm/glm-4.6', 'openai/gpt-5.4-mini'],
    });
    const { version } = await changeConfig(longhaul, { set: { DISABLED_PROVIDERS: ['glm'] } });
    await longhaul.worker({ WORKER_LANES: 'moonshot' });
    await longhaul.worker({ WORKER_LANES: 'openai' });
    expect(await longhaul.ended(id)).toMatchObject({ status: 'completed', resolved: { provider: 'openai' } });
    expect(upstream.calls({ provider: 'glm', marker: 'c' })).toHaveLength(0);
    expect(await handOversOf(longhaul, id)).toMatchObject([
      {
        to: { provider: 'openai' },
        code: 'auth_failed',
        config: { version },
        candidates: [
          { provider: 'glm', eligible: false, reasons: [{ rule: 'allowed-provider' }] },
          { provider: 'openai', eligible: true },
        ],
      },
    ]);
    await changeConfig(longhaul, { unset: ['DISABLED_PROVIDERS'] });
  });

  it('ends with every code when each target of the chain failed', async () => {
    const { upstream } = longhaul;
    upstream.reset();
    upstream.script({ match: { marker: 'b' }, replies: [{ status: 401, repeat: 'forever' }] });
    const { id } = await longhaul.chat('openai/gpt-5.4-mini', 'b', { fallbacks: ['glm/glm-4.6'] });
    await longhaul.worker({ WORKER_LANES: 'openai' });
    const job = await longhaul.ended(id);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'all_providers_failed' } });
    expect(job.error?.message).toContain('openai/gpt-5.4-mini: auth_failed');
    expect(job.error?.message).toContain('glm/glm-4.6: auth_failed');
    expect(upstream.calls({ marker: 'b' })).toHaveLength(2);
  });
});

async function handOversOf(longhaul: Longhaul, id: string): Promise<unknown> {
  const answer = await fetch(`${longhaul.api.url}/v1/jobs/${id}?include=decision`);
  return ((await answer.json()) as { decision: { hand_overs: unknown } }).decision.hand_overs;
}

async function changeConfig(longhaul: Longhaul, change: object): Promise<{ version: number }> {
  const answer = await fetch(`${longhaul.api.url}/v1/admin/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...change, reason: 'a test' }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { version: number };
}

/** Unclaimed tickets of a lane, counted in the queue store itself. */
async function ticketsIn(longhaul: Longhaul, lane: string): Promise<number> {
  const { Queue } = await import('bullmq');
  if (longhaul.redis) {
    const { hostname, port } = new URL(longhaul.redis.url);
    const queue = new Queue(`longhaul.${lane}`, { connection: { host: hostname, port: Number(port) } });
    const waiting = await queue.getWaitingCount();
    await queue.close();
    return waiting;
  }
  const rows = await longhaul.sql<{ n: string }>(
    `SELECT count(*) AS n FROM bullmq.job WHERE queue = 'longhaul.${lane}' AND state = 'waiting'`,
  );
  return Number(rows[0]?.n);
}
