import { callsTo, Longhaul, startLonghaul, until } from '../support/longhaul';
import { ScriptedReply } from '../support/upstream';
import { backEnds } from '../support/stores';

jest.setTimeout(240_000);

const CAP = 6;
const TARGET = { provider: 'moonshot', model: 'kimi-k2.6' };
const MODEL = 'moonshot/kimi-k2.6';
const OTHER_MODEL = 'moonshot/kimi-k2.7-code';
const SETTINGS = { MAX_INFLIGHT_MOONSHOT: String(CAP), LEASE_SECS: '5', LANE_HOLD_MS: '100' };

type Submit = (model: string, count: number) => Promise<readonly string[]>;

interface Rig extends Longhaul {
  /** By turns through both APIs. */
  readonly submitMany: Submit;
  allEnded(ids: readonly string[]): Promise<void>;
}

/** Two APIs and three workers, each of which has shown that it works for this provider. */
async function startRig(backEnd: 'postgres' | 'redis'): Promise<Rig> {
  const longhaul = await startLonghaul({ backEnd, env: SETTINGS });
  const chats = [longhaul.chat, callsTo(await longhaul.secondApi()).chat];
  await Promise.all([longhaul.worker(), longhaul.worker(), longhaul.worker()]);
  const submitMany: Submit = (model, count) =>
    Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const chat = chats[at % 2] ?? longhaul.chat;
        return (await chat(model, `job-${String(at)}`, { fallbacks: [] })).id;
      }),
    );
  const allEnded: Rig['allEnded'] = async (ids) => {
    const ends = await Promise.all(ids.map((id) => longhaul.ended(id, 120_000)));
    expect(ends.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
  };
  await until('a job for each of the three workers', async () => {
    await allEnded(await submitMany(MODEL, 2 * CAP));
    const rows = await longhaul.sql('SELECT DISTINCT worker FROM attempts');
    return rows.length === 3;
  });
  longhaul.upstream.reset();
  return { ...longhaul, submitMany, allEnded };
}

/** The end of the circuit's bar, once it has so many strikes. */
const barOf = ({ sql }: Longhaul, scope: string, strikes: number): Promise<number> =>
  until(`strike ${String(strikes)} of ${scope}`, async () => {
    const [row] = await sql<{ until: Date }>(
      `SELECT until FROM cooldowns WHERE scope LIKE '${scope}%' AND strikes = ${String(strikes)}`,
    );
    return row ? row.until.getTime() : null;
  });

const refusal = (status: number, seconds: number): ScriptedReply => ({
  ...{ status, headers: { 'retry-after': String(seconds) } },
  body: { error: { message: 'not now' } },
});

describe.each(backEnds())('a cool-down over two APIs and three workers (%s)', (backEnd) => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig(backEnd);
  });

  afterEach(async () => {
    rig.upstream.reset();
    await rig.sql('DELETE FROM cooldowns');
  });

  it.each([429, 503])(
    'that one worker’s %i opens is obeyed by all: no call until its end, then one probe, and the others after its first token',
    async (status) => {
      const { upstream } = rig;
      const hold = 'headers';
      upstream.script({
        match: TARGET,
        replies: [
          { ...refusal(status, 8), holdBefore: hold },
          { text: 'done', holdBefore: hold, repeat: CAP - 1 },
          { text: ['do', 'ne'], holdBefore: 'first_token' },
          { text: 'done', repeat: 'forever' },
        ],
      });
      const jobs = await rig.submitMany(MODEL, 40);
      // The lane is full, so who waits can only be claimed with the slot that the refusal sets free.
      await upstream.waitForHeld(CAP, TARGET);
      upstream.release(1);
      const endsAt = await barOf(rig, 'target:moonshot/kimi-k2.6', 1);
      upstream.release(CAP - 1);
      await upstream.waitForEnded(CAP, TARGET);

      const [probe] = await upstream.waitForHeld(1, TARGET);
      expect(probe?.seq).toBe(upstream.calls(TARGET)[CAP]?.seq);
      expect(probe?.receivedAt).toBeGreaterThanOrEqual(endsAt);
      // Both APIs and the workers go on feeding and claiming in this lane, and leave the target alone.
      await rig.allEnded(await rig.submitMany(OTHER_MODEL, 2 * CAP));
      expect(upstream.calls(TARGET)).toHaveLength(CAP + 1);

      upstream.release(1);
      await rig.allEnded(jobs);
      const [probed, ...after] = upstream.calls(TARGET).slice(CAP);
      const tokenAt = probed?.firstTokenAt ?? Infinity;
      expect(after.filter(({ receivedAt }) => receivedAt < tokenAt)).toEqual([]);
      expect(upstream.calls(TARGET)).toHaveLength(jobs.length + 1);
      expect(upstream.summary().byProvider['moonshot']?.maxInFlight).toBeLessThanOrEqual(CAP);
    },
  );

  it('opens again when its probe fails, and lets one more probe through at the new end', async () => {
    const { upstream } = rig;
    upstream.script({
      match: TARGET,
      replies: [
        { ...refusal(429, 2), holdBefore: 'headers' },
        { ...refusal(503, 3), holdBefore: 'headers' },
        { text: 'done', holdBefore: 'first_token' },
        { text: 'done', repeat: 'forever' },
      ],
    });
    const [first = ''] = await rig.submitMany(MODEL, 1);
    await upstream.waitForHeld(1, TARGET);
    upstream.release(1);
    const firstEnd = await barOf(rig, 'target:moonshot/kimi-k2.6', 1);
    const jobs = await rig.submitMany(MODEL, 20);

    const [failing] = await upstream.waitForHeld(1, TARGET);
    expect(failing?.receivedAt).toBeGreaterThanOrEqual(firstEnd);
    expect(upstream.calls(TARGET)).toHaveLength(2);
    upstream.release(1);
    const secondEnd = await barOf(rig, 'target:moonshot/kimi-k2.6', 2);

    const [passing] = await upstream.waitForHeld(1, TARGET);
    expect(passing?.receivedAt).toBeGreaterThanOrEqual(secondEnd);
    await rig.allEnded(await rig.submitMany(OTHER_MODEL, CAP));
    expect(upstream.calls(TARGET)).toHaveLength(3);
    upstream.release(1);
    await rig.allEnded([first, ...jobs]);
    expect(upstream.calls(TARGET)).toHaveLength(jobs.length + 3);
  });
});

describe.each(backEnds())('a key that was refused (%s)', (backEnd) => {
  it('bars every process that still has it, and none with a new one', async () => {
    const longhaul = await startLonghaul({ backEnd });
    const { upstream } = longhaul;
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [
        { status: 401, body: { error: { type: 'invalid_authentication_error', message: 'no' } } },
        { text: 'done', repeat: 'forever' },
      ],
    });
    const terms = { fallbacks: [], deadline_s: 20_000 };
    const old = await longhaul.worker();
    const refused = await longhaul.chat(MODEL, 'refused', terms);
    expect(await longhaul.ended(refused.id)).toMatchObject({ error: { code: 'auth_failed' } });
    await barOf(longhaul, 'credential:moonshot', 1);

    const waiting = [await longhaul.chat(MODEL, 'waits', terms)];
    await old.stop();
    const same = await longhaul.worker();
    const secondApi = await longhaul.secondApi();
    waiting.push(await callsTo(secondApi).chat(OTHER_MODEL, 'waits-too', terms));
    // The worker works; what it leaves alone, it leaves alone for the key.
    const elsewhere = await longhaul.chat('glm/glm-4.7', 'elsewhere', terms);
    expect(await longhaul.ended(elsewhere.id)).toMatchObject({ status: 'completed' });
    expect(upstream.calls({ provider: 'moonshot' })).toHaveLength(1);

    await same.stop();
    await longhaul.worker({ MOONSHOT_API_KEY: 'lh-moonshot-2' });
    for (const { id } of waiting) expect(await longhaul.ended(id)).toMatchObject({ status: 'completed' });
    expect(upstream.calls({ provider: 'moonshot' })).toHaveLength(1 + waiting.length);
  });
});
