import { AppProcess } from '../support/processes';
import { Longhaul, startLonghaul, until } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(120_000);

describe.each(backEnds())('how a job ends (%s)', (backEnd) => {
  let longhaul: Longhaul;
  let worker: AppProcess;

  beforeAll(async () => {
    // Renewals come too seldom to hide a cancel that nobody heard.
    longhaul = await startLonghaul({ backEnd, env: { DRAIN_SECS: '1', LEASE_SECS: '60' } });
    worker = await longhaul.worker();
  });

  beforeEach(() => {
    longhaul.upstream.reset();
  });

  const held = (marker: string) =>
    longhaul.upstream.script({
      match: { marker },
      replies: [{ holdBefore: 'first_token', text: 'late', repeat: 'forever' }],
    });
  const cancel = async (id: string) =>
    (await fetch(`${longhaul.api.url}/v1/jobs/${id}/cancel`, { method: 'POST' })).status;

  it('cancelled: the running call is closed within a second, and the ledger names it', async () => {
    held('cancelled');
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'cancelled');
    await longhaul.upstream.waitForHeld(1);
    const cancelledAt = Date.now();
    expect(await cancel(id)).toBe(200);
    const [call] = await longhaul.upstream.waitForEnded(1, { marker: 'cancelled' });
    expect((call?.clientClosedAt ?? Infinity) - cancelledAt).toBeLessThanOrEqual(1000);
    expect(await longhaul.ended(id)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(await longhaul.attempts(id)).toMatchObject([{ status: 'cancelled', call: 'unknown' }]);
    expect(await cancel(id)).toBe(200);
  });

  it('cancelled by an API that dies before it tells anybody: the running call is closed within a second', async () => {
    held('untold');
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'untold');
    await longhaul.upstream.waitForHeld(1, { marker: 'untold' });
    const doomed = await longhaul.secondApi({ LONGHAUL_CRASH_POINT: 'after:cancel:kill' });
    await fetch(`${doomed.url}/v1/jobs/${id}/cancel`, { method: 'POST' }).catch(() => undefined);
    const [call] = await longhaul.upstream.waitForEnded(1, { marker: 'untold' });
    const [row] = await longhaul.sql<{ at: Date }>(
      `SELECT cancel_requested_at AS at FROM jobs WHERE id = '${id}'`,
    );
    // And as much again for a loaded machine: the next renewal is a quarter of a minute away.
    expect((call?.clientClosedAt ?? Infinity) - (row?.at.getTime() ?? 0)).toBeLessThanOrEqual(2000);
    expect(await longhaul.ended(id)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
  });

  it('cancelled before its time: it is never called', async () => {
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'early', {
      run_at: Math.floor(Date.now() / 1000) + 2,
    });
    expect(await cancel(id)).toBe(200);
    expect((await longhaul.job(id)).status).toBe('cancelled');
    const { id: later } = await longhaul.chat('moonshot/kimi-k2.6', 'later', {
      run_at: Math.floor(Date.now() / 1000) + 2,
    });
    await longhaul.ended(later);
    expect(longhaul.upstream.calls({ marker: 'early' })).toHaveLength(0);
  });

  it('past its deadline: failed, and the call is closed', async () => {
    held('slow');
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'slow', {
      deadline_s: 2,
      fallbacks: ['glm/glm-4.6'],
    });
    expect(await longhaul.ended(id)).toMatchObject({
      status: 'failed',
      error: { code: 'deadline_exceeded' },
    });
    const [call] = await longhaul.upstream.waitForEnded(1, { marker: 'slow' });
    expect(call?.outcome).toBe('client_closed');
    expect(longhaul.upstream.calls({ marker: 'slow' })).toHaveLength(1);
  });

  it('cut: a stream without its closing mark is never taken for an answer', async () => {
    longhaul.upstream.script({
      match: { marker: 'cut' },
      replies: [{ text: ['half an ', 'answer'], cutAtByte: 400, repeat: 'forever' }],
    });
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'cut', { fallbacks: [] });
    expect(await longhaul.ended(id)).toMatchObject({ status: 'failed', error: { code: 'stream_truncated' } });
    expect(longhaul.upstream.calls({ marker: 'cut' })).toHaveLength(1);
  });

  it('after a rate limit hint: the call is made again when the hint says, on the same target', async () => {
    longhaul.upstream.script({
      match: { marker: 'hint' },
      replies: [
        { status: 429, headers: { 'retry-after': '2' } },
        { status: 429, headers: { 'retry-after': '1' } },
        { text: 'at last' },
      ],
    });
    const { id } = await longhaul.chat('openai/gpt-5.4-mini', 'hint', { fallbacks: ['glm/glm-4.6'] });
    expect(await longhaul.ended(id)).toMatchObject({ status: 'completed', resolved: { provider: 'openai' } });
    const [first, second, third] = longhaul.upstream.calls({ marker: 'hint' });
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(2000);
    expect((third?.receivedAt ?? 0) - (second?.receivedAt ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  it('without credit: the key cools, and jobs that wait in the lane go to their next rung uncalled', async () => {
    longhaul.upstream.script({
      match: { provider: 'glm' },
      replies: [{ status: 429, body: { error: { code: '1113', message: 'arrears' } }, repeat: 'forever' }],
    });
    const first = await longhaul.chat('glm/glm-4.6', 'credit-1', { fallbacks: ['moonshot/kimi-k2.6'] });
    await longhaul.ended(first.id);
    const second = await longhaul.chat('glm/glm-4.6', 'credit-2', { fallbacks: ['moonshot/kimi-k2.6'] });
    expect(await longhaul.ended(second.id)).toMatchObject({
      status: 'completed',
      resolved: { provider: 'moonshot' },
    });
    expect(longhaul.upstream.calls({ provider: 'glm' })).toHaveLength(1);
    expect(await longhaul.attempts(second.id)).toMatchObject([{ lane: 'moonshot', status: 'succeeded' }]);
    const third = await longhaul.chat('glm/glm-4.6', 'credit-3', { fallbacks: [], deadline_s: 60 });
    expect(await longhaul.ended(third.id)).toMatchObject({
      status: 'failed',
      error: { code: 'quota_exhausted' },
    });
    const patient = await longhaul.chat('glm/glm-4.6', 'credit-4', { fallbacks: [], deadline_s: 7200 });
    const waiting = await until('the reason of the wait', async () => {
      const job = await longhaul.job(patient.id);
      return job.progress !== null && job;
    });
    expect(waiting).toMatchObject({
      status: 'queued',
      progress: {
        message: expect.stringMatching(/glm\/glm-4.6 may not be called before .*quota_exhausted/) as string,
      },
    });
    expect(await cancel(patient.id)).toBe(200);
  });

  it('given back by a draining worker: no death is counted, another worker ends it, the first exits with 0', async () => {
    longhaul.upstream.script({
      match: { marker: 'drain' },
      replies: [{ holdBefore: 'first_token', text: 'late' }, { text: 'done' }],
    });
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'drain');
    await longhaul.upstream.waitForHeld(1, { marker: 'drain' });
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(await longhaul.attempts(id)).toMatchObject([{ status: 'abandoned', call: 'unknown' }]);
    worker = await longhaul.worker();
    expect(await longhaul.ended(id)).toMatchObject({ status: 'completed' });
    const [row] = await longhaul.sql<{ deaths: number }>(`SELECT deaths FROM jobs WHERE id = '${id}'`);
    expect(row?.deaths).toBe(0);
  });

  it('leaves no slot held and one ledger row per attempt', async () => {
    await until(
      'free slots',
      async () => (await longhaul.sql('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).length === 0,
    );
    const [row] = await longhaul.sql<{ attempts: string; booked: string }>(
      'SELECT (SELECT count(*) FROM attempts) AS attempts, (SELECT count(*) FROM ledger) AS booked',
    );
    expect(row?.booked).toBe(row?.attempts);
  });
});
