import { Metrics } from '@longhaul/metrics';
import { AttemptEnding, ClaimAnswer, JobRow, Settlement } from '@longhaul/records';
import { RoadMeter } from './road-meter';

const LEASE_MS = 10_000;
const MODELS = new Set(['glm/glm-4.6']);
const READY_AT = new Date('2026-11-21T10:00:00Z');

const job = { type: 'chat', provider: 'glm', targetModel: 'glm-4.6' };

/** A claim is stamped by its lease, which began `waitedMs` after the job was ready. */
const claim = (waitedMs: number, change: Partial<JobRow> = {}, tookOver = false): ClaimAnswer => {
  const leaseUntil = new Date(READY_AT.getTime() + waitedMs + LEASE_MS);
  const row = { ...job, readyAt: READY_AT, leaseUntil, deaths: 0, ...change } as JobRow;
  return { answer: 'claimed', job: row, msToDeadline: 60_000, tookOver, probe: false };
};

const SUCCESS: AttemptEnding = {
  ...{ status: 'succeeded', code: null, message: null, call: 'answered', price: null, nanoUsd: 2_500_000 },
  trace: { phase: 'mid_answer', firstTokenMs: 250, totalMs: 1500 },
  usage: { freshInput: 100, cacheRead: 20, cacheWrite: 3, output: 40, reasoning: 10 },
};
const FAILURE: AttemptEnding = {
  ...{ ...SUCCESS, status: 'failed', code: 'overloaded', usage: null, nanoUsd: 0 },
  trace: { phase: 'before_first_token', totalMs: 500 },
};

const settlement = (attempt: AttemptEnding, fate: Partial<Settlement['job']>): Settlement =>
  ({ jobId: 'a', fence: 1, worker: 'w', attempt, job: fate }) as Settlement;
const END = { to: 'end' } as const;

/** What a verb has moved, by name and labels; buckets of histograms are left out. */
async function movedBy(act: (meter: RoadMeter) => void): Promise<string[]> {
  const metrics = new Metrics();
  const before = new Set((await metrics.text()).split('\n'));
  act(new RoadMeter(metrics, { leaseMs: LEASE_MS, models: MODELS }));
  const lines = (await metrics.text()).split('\n');
  return lines
    .filter((line) => !before.has(line) && !line.startsWith('#') && !line.includes('_bucket'))
    .map((line) => line.replace('longhaul_', ''))
    .sort();
}

type Row = readonly [string, (meter: RoadMeter) => void, readonly string[]];

const waited = (lane: string, seconds: number): string[] => [
  `queue_wait_seconds_count{lane="${lane}"} 1`,
  `queue_wait_seconds_sum{lane="${lane}"} ${String(seconds)}`,
];

const ACCEPTING: readonly Row[] = [
  ['an accepted job', (m) => m.accepted(job, false), ['jobs_accepted_total{type="chat",provider="glm"} 1']],
  ['a replay', (m) => m.accepted(job, true), ['job_replays_total{type="chat",provider="glm"} 1']],
  [
    'a type of a newer Longhaul',
    (m) => m.accepted({ ...job, type: 'novel' }, false),
    ['jobs_accepted_total{type="other",provider="glm"} 1'],
  ],
  [
    'a named model',
    (m) => m.routed({ tier: null, degraded: null }),
    ['routing_decisions_total{tier="none",cause="named"} 1'],
  ],
  ['tickets', (m) => m.rung('glm', 3), ['tickets_rung_total{lane="glm"} 3']],
  ['lost tickets', (m) => m.rungAgain('glm', 2), ['tickets_rung_again_total{lane="glm"} 2']],
  ['a feed that failed', (m) => m.feedFailed('glm'), ['feed_failures_total{lane="glm"} 1']],
];

const claims = (outcome: string): string => `claims_total{lane="glm",outcome="${outcome}"} 1`;
const LOST = [
  'attempts_total{provider="glm",code="worker_lost"} 1',
  'unpriced_calls_total{provider="glm"} 1',
];

const CLAIMING: readonly Row[] = [
  ['a claim', (m) => m.claimed('glm', claim(1250)), [claims('claimed'), ...waited('glm', 1.25)]],
  ['a clock that ran back', (m) => m.claimed('glm', claim(-5)), [claims('claimed'), ...waited('glm', 0)]],
  ['one after a death', (m) => m.claimed('glm', claim(1250, { deaths: 1 })), [claims('claimed')]],
  [
    'one that took over',
    (m) => m.claimed('glm', claim(1250, { deaths: 1 }, true)),
    [LOST[0] ?? '', claims('claimed'), LOST[1] ?? ''],
  ],
  [
    'a stale ticket',
    (m) => m.claimed('glm', { answer: 'stale', why: 'held' }),
    [claims('stale'), 'stale_tickets_total{lane="glm",why="held"} 1'],
  ],
  ['a full lane', (m) => m.claimed('glm', { answer: 'full', scope: 'provider' }), [claims('full_provider')]],
  ['a full house', (m) => m.claimed('glm', { answer: 'full', scope: 'total' }), [claims('full_total')]],
  ['a bar', (m) => m.claimed('glm', { answer: 'barred', until: null }), [claims('barred')]],
  ['no answer', (m) => m.claimFailed('glm'), [claims('error')]],
];

const renewals = (outcome: string, leases: number): string =>
  `lease_renewals_total{outcome="${outcome}"} ${String(leases)}`;

const RUNNING: readonly Row[] = [
  ['renewed leases', (m) => m.renewed('ok', 4), [renewals('ok', 4)]],
  ['leases not renewed', (m) => m.renewed('failed', 2), [renewals('failed', 2)]],
  ['a fence that is gone', (m) => m.renewed('gone', 1), [renewals('gone', 1)]],
  ['a renewal of nothing', (m) => m.renewed('ok', 0), []],
  ['a beat', (m) => m.beat('written'), ['progress_beats_total{outcome="written"} 1']],
  ['a beat that failed', (m) => m.beat('failed'), ['progress_beats_total{outcome="failed"} 1']],
];

const called = (code: string, seconds: number): string[] => [
  `attempts_total{provider="glm",code="${code}"} 1`,
  `upstream_call_seconds_count{provider="glm",code="${code}"} 1`,
  `upstream_call_seconds_sum{provider="glm",code="${code}"} ${String(seconds)}`,
];
const firstToken = [
  'first_token_seconds_count{provider="glm"} 1',
  'first_token_seconds_sum{provider="glm"} 0.25',
];
const cost = (usd: number): string => `cost_usd_total{provider="glm"} ${String(usd)}`;
const unpriced = 'unpriced_calls_total{provider="glm"} 1';
const tokens = (model: string): string[] =>
  Object.entries({ fresh_input: 100, cache_read: 20, cache_write: 3, output: 40, reasoning: 10 }).map(
    ([bucket, count]) => `tokens_total{provider="glm",model="${model}",bucket="${bucket}"} ${String(count)}`,
  );
const ended = (status: string): string => `jobs_ended_total{type="chat",status="${status}"} 1`;
const putBack = (why: string): string => `jobs_put_back_total{provider="glm",why="${why}"} 1`;
const again = (phase: 'retry_wait' | 'fallback' | 'waiting') => ({ to: 'again', phase }) as const;

const SETTLING: readonly Row[] = [
  [
    'a success',
    (m) => m.settled(job, settlement(SUCCESS, END), 'completed'),
    [...called('ok', 1.5), ...firstToken, cost(0.0025), ...tokens('glm-4.6'), ended('completed')],
  ],
  [
    'a model outside the catalogue',
    (m) => m.settled({ ...job, targetModel: 'mine' }, settlement(SUCCESS, END), 'completed'),
    [...called('ok', 1.5), ...firstToken, cost(0.0025), ...tokens('other'), ended('completed')],
  ],
  [
    'a success whose price is unknown',
    (m) => m.settled(job, settlement({ ...SUCCESS, usage: null, nanoUsd: null }, END), 'completed'),
    [...called('ok', 1.5), ...firstToken, unpriced, ended('completed')],
  ],
  [
    'a retry',
    (m) => m.settled(job, settlement(FAILURE, again('retry_wait')), 'in_progress'),
    [...called('overloaded', 0.5), cost(0), putBack('retry')],
  ],
  [
    'a hand-over',
    (m) => m.settled(job, settlement(FAILURE, again('fallback')), 'in_progress'),
    [...called('overloaded', 0.5), cost(0), putBack('hand_over')],
  ],
  [
    'a job given back, its call cut',
    (m) => {
      const cut = {
        ...FAILURE,
        status: 'abandoned',
        code: null,
        trace: null,
        nanoUsd: null,
      } as AttemptEnding;
      m.settled(job, settlement(cut, again('waiting')), 'in_progress');
    },
    ['attempts_total{provider="glm",code="abandoned"} 1', unpriced, putBack('given_back')],
  ],
  [
    'an end without a call',
    (m) => m.settled(job, settlement({ ...FAILURE, call: 'not_sent' }, END), 'failed'),
    ['attempts_total{provider="glm",code="overloaded"} 1', ended('failed')],
  ],
  [
    'a retry whose job was cancelled meanwhile',
    (m) => m.settled(job, settlement(FAILURE, again('retry_wait')), 'cancelled'),
    [...called('overloaded', 0.5), cost(0), ended('cancelled')],
  ],
  ['a settlement', (m) => m.settleTook(0.75), ['settle_seconds_count 1', 'settle_seconds_sum 0.75']],
  ['an end', (m) => m.ended('chat', 'incomplete'), [ended('incomplete')]],
  ['a hold', (m) => m.putBack('glm', 'hold'), [putBack('hold')]],
  ['a worker lost', (m) => m.lost('glm'), LOST],
];

describe('the meter of the road', () => {
  it.each([...ACCEPTING, ...CLAIMING, ...RUNNING, ...SETTLING])(
    'counts %s, and nothing else',
    async (_, act, moved) => {
      expect(await movedBy(act)).toEqual([...moved].sort());
    },
  );

  it('counts the tier of a choice with its cause, and a policy that failed', async () => {
    const tier = { tier: 'fast', cause: 'signals' } as Parameters<RoadMeter['routed']>[0]['tier'];
    const degraded = { rule: 'x' } as unknown as Parameters<RoadMeter['routed']>[0]['degraded'];
    expect(await movedBy((meter) => meter.routed({ tier, degraded }))).toEqual([
      'routing_decisions_total{tier="fast",cause="signals"} 1',
      'routing_degraded_total 1',
    ]);
  });
});
