import { AppProcess } from '../support/processes';
import { callsTo, Longhaul, startLonghaul, until } from '../support/longhaul';
import { ScriptedReply } from '../support/upstream';

jest.setTimeout(240_000);

const SAMPLES = 4;
const TARGET = { provider: 'moonshot', model: 'kimi-k2.6' };
const MODEL = 'moonshot/kimi-k2.6';
const SETTINGS = {
  DEFAULT_MODEL: MODEL,
  HEALTH_MIN_SAMPLES: String(SAMPLES),
  // Time heals nothing in this test: only good calls do.
  HEALTH_HALF_LIFE_SECS: '3600',
  RETRY_ATTEMPTS: '0',
};
/** Each API looks once a second; the rest is for a busy machine. */
const HEEDED_MS = 5000;

interface Explanation {
  readonly chain: readonly { readonly provider: string; readonly model: string }[];
  readonly candidates: readonly { readonly model: string; readonly reasons: readonly { reason: string }[] }[];
}

const isMeasured = (reason: string): boolean => /^Only \d+ % of the latest calls/.test(reason);

/** Where one API would send an `auto` chat now, and what it holds against the target. */
async function choiceOf(api: AppProcess): Promise<{ first: string; reasons: string[] }> {
  const input = { messages: [{ role: 'user', content: 'hello' }] };
  const answer = await fetch(`${api.url}/v1/routes/explain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'chat', model: 'auto', input }),
  });
  const { chain, candidates } = (await answer.json()) as Explanation;
  const target = candidates.find(({ model }) => model === TARGET.model);
  return {
    first: `${chain[0]?.provider ?? ''}/${chain[0]?.model ?? ''}`,
    reasons: target?.reasons.map(({ reason }) => reason) ?? [],
  };
}

describe('a target whose calls fail, over two APIs and two workers', () => {
  let longhaul: Longhaul;
  let apis: readonly AppProcess[];

  beforeAll(async () => {
    longhaul = await startLonghaul({ backEnd: 'postgres', env: SETTINGS });
    apis = [longhaul.api, await longhaul.secondApi()];
    await Promise.all([longhaul.worker(), longhaul.worker()]);
  });

  const heeded = (what: string, isHeeded: (choice: { first: string; reasons: string[] }) => boolean) =>
    until(what, async () => (await Promise.all(apis.map(choiceOf))).every(isHeeded), HEEDED_MS);

  /** Calls of the target by its name that are all under way before one ends: the first failure would bar the rest. */
  async function named(count: number, reply: ScriptedReply, status: string): Promise<void> {
    const replies = [{ ...reply, holdBefore: 'headers', repeat: 'forever' }] as const;
    longhaul.upstream.script({ match: { ...TARGET, marker: 'named' }, replies });
    const chats = await Promise.all(
      Array.from({ length: count }, () => longhaul.chat(MODEL, 'named', { fallbacks: [] })),
    );
    await longhaul.upstream.waitForHeld(count, TARGET);
    longhaul.upstream.release(count);
    const ends = await Promise.all(chats.map(({ id }) => longhaul.ended(id)));
    expect(ends.map((job) => job.status)).toEqual(chats.map(() => status));
  }

  /** The targets that got an `auto` chat from each API. */
  async function sentTo(marker: string): Promise<string[]> {
    for (const api of apis) {
      const { id } = await callsTo(api).chat('auto', marker);
      expect(await longhaul.ended(id)).toMatchObject({ status: 'completed' });
    }
    return longhaul.upstream.calls({ marker }).map(({ provider, model }) => `${provider}/${model ?? ''}`);
  }

  const measured = (isIll: boolean) =>
    until('the measure', async () => {
      const [row] = await longhaul.sql<{ samples: string; success: number }>(
        `SELECT samples, success_rate AS success FROM target_health WHERE target = '${MODEL}'`,
      );
      return row !== undefined && Number(row.samples) >= SAMPLES && row.success < 0.5 === isIll;
    });

  it('is passed over by both APIs for what was measured, with no circuit open, and chosen again once it is well', async () => {
    expect(await sentTo('before')).toEqual([MODEL, MODEL]);

    await named(SAMPLES, { status: 500, body: { error: { message: 'no' } } }, 'failed');
    await measured(true);
    // The failures have opened a circuit too, which is not what this test is about.
    await longhaul.sql('DELETE FROM cooldowns');
    await heeded(
      'both APIs pass it over',
      ({ first, reasons }) => first !== MODEL && reasons.some(isMeasured),
    );
    expect(await sentTo('ill')).not.toContain(MODEL);

    await named(2 * SAMPLES, { text: 'done' }, 'completed');
    await measured(false);
    await heeded(
      'both APIs choose it again',
      ({ first, reasons }) => first === MODEL && reasons.length === 0,
    );
    expect(await sentTo('well')).toEqual([MODEL, MODEL]);
  });
});
