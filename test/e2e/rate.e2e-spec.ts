import { CallRecord } from '../support/upstream';
import { Longhaul, startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(240_000);

const WINDOW_MS = 3000;
const TOKENS = 20_000;
const REQUESTS = 5;
/** No less: what a model thinks first is paid for by a larger budget. */
const OUTPUT = 1500;

const LIMITS = {
  RATE_WINDOW_SECS: String(WINDOW_MS / 1000),
  LANE_HOLD_MS: '100',
  MOONSHOT_TOKENS_PER_MINUTE: String(TOKENS),
  GLM_REQUESTS_PER_MINUTE: String(REQUESTS),
};

const messages = [{ role: 'user', content: 'All the world is a stage. '.repeat(400) }];
const body = (model: string) => ({
  ...{ type: 'chat', model, fallbacks: [] },
  input: { messages, max_output_tokens: OUTPUT },
});

async function post<Answer>(url: string, sent: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(sent) });
  if (!answer.ok) throw new Error(`${url}: ${String(answer.status)} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** What Longhaul thinks that the input has. */
async function estimated(longhaul: Longhaul): Promise<number> {
  const url = `${longhaul.api.url}/v1/routes/explain`;
  const { need } = await post<{ need: { input_tokens: number } }>(url, body('moonshot/kimi-k2.6'));
  return need.input_tokens;
}

/** Answers whose input is up to a fifth more or less than estimated, and takes its time. */
const replies = (input: number) =>
  [1.2, 0.8, 1.1, 1.2, 0.9, 1.2, 1, 1.2].flatMap((factor, index) => {
    const usage = {
      prompt_tokens: Math.floor(input * factor),
      completion_tokens: 600 + ((index * 370) % 900),
    };
    const total_tokens = usage.prompt_tokens + usage.completion_tokens;
    const reply = { text: 'done', delayFirstTokenMs: 40 * index, usage: { ...usage, total_tokens } };
    return [reply, reply, reply];
  });

const tokensOf = ({ usageBilled }: CallRecord): number => usageBilled?.total_tokens ?? 0;

/** The most that arrived in any span of the window, by the upstream's own clock. */
function worst(calls: readonly CallRecord[], weigh: (call: CallRecord) => number): number {
  const spans = calls.map(({ receivedAt: end }) =>
    calls.filter(({ receivedAt }) => receivedAt > end - WINDOW_MS && receivedAt <= end),
  );
  return Math.max(0, ...spans.map((span) => span.reduce((sum, call) => sum + weigh(call), 0)));
}

describe.each(backEnds())('the limits of a key (%s)', (backEnd) => {
  it('hold over two APIs and three workers: in no span of the window does the upstream see more calls, or more tokens, than allowed', async () => {
    const longhaul = await startLonghaul({ backEnd, env: LIMITS });
    const { upstream } = longhaul;
    const second = await longhaul.secondApi();
    for (let started = 0; started < 3; started++) await longhaul.worker();
    upstream.script({ match: { provider: 'glm' }, replies: [{ text: 'done', repeat: 'forever' }] });
    upstream.script({ match: { provider: 'moonshot' }, replies: replies(await estimated(longhaul)) });
    const jobs = await Promise.all(
      Array.from({ length: 48 }, (_, index) => {
        const api = index % 4 < 2 ? longhaul.api : second;
        const model = index % 2 === 0 ? 'moonshot/kimi-k2.6' : 'glm/glm-4.7';
        return post<{ id: string }>(`${api.url}/v1/jobs`, body(model));
      }),
    );
    const ends = await Promise.all(jobs.map((job) => longhaul.ended(job.id, 120_000)));
    expect(ends.map((job) => job.status)).toEqual(jobs.map(() => 'completed'));
    const byTokens = upstream.calls({ provider: 'moonshot' });
    const byRequests = upstream.calls({ provider: 'glm' });
    expect([byTokens.length, byRequests.length]).toEqual([24, 24]);
    expect(worst(byTokens, tokensOf)).toBeLessThanOrEqual(TOKENS);
    expect(worst(byRequests, () => 1)).toBe(REQUESTS);
    // And not by standing still: what one call has not used, the next one may.
    expect(worst(byTokens, tokensOf)).toBeGreaterThan(TOKENS * 0.6);
  });
});
