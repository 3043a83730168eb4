import { setTimeout as pause } from 'node:timers/promises';
import { ChatEvent, ChatRequest, GatewayError, hasEnded } from '@longhaul/contract';
import { ProviderCatalogue } from '@longhaul/providers';
import { ticketOf } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { CancelWatch } from '../../libs/jobs/src/cancel-watch';
import { freshRecords, newJob, targetOf } from '../support/records';
import { RunnerRig, runnerOver } from '../support/runner';

jest.setTimeout(240_000);

const SEED = Number(process.env.LONGHAUL_SEED ?? 1);
const ROUNDS = 300;
const AT_ONCE = 10;
/** Nothing here may be a takeover; and the renewals come too seldom to hide a cancel that nobody heard. */
const LEASE_MS = 60_000;
const USAGE = { freshInput: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };

/** What the upstream does to a job's first call; those after it answer. */
const FATES = ['answers', 'hangs', 'is empty once', 'hands over'] as const;
type Fate = (typeof FATES)[number];

/** By mulberry32, so that a seed is a schedule. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Call {
  readonly marker: string;
  readonly at: number;
  open: boolean;
}

/** An upstream with a log, that ends a call when its caller does. */
class LoggingUpstream {
  readonly calls: Call[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(private readonly fateOf: (marker: string) => Fate) {}

  get catalogue(): ProviderCatalogue {
    const stream = (request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatEvent> =>
      this.stream(request, signal);
    return { get: (name: string) => ({ name, stream }) } as unknown as ProviderCatalogue;
  }

  of(marker: string): Call[] {
    return this.calls.filter((call) => call.marker === marker);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.listeners.add(resolve));
  }

  private async *stream(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const marker = /\[\[(.+?)\]\]/.exec(JSON.stringify(request.messages))?.[1] ?? '?';
    const isFirst = this.of(marker).length === 0;
    const call: Call = { marker, at: performance.now(), open: true };
    this.calls.push(call);
    this.tell();
    try {
      yield { type: 'headers', upstreamStatus: 200 };
      await this.suffer(isFirst ? this.fateOf(marker) : 'answers', signal);
      yield { type: 'text', text: 'hello' };
      yield { type: 'end', finishReason: 'stop', usage: USAGE };
    } finally {
      call.open = false;
      this.tell();
    }
  }

  private async suffer(fate: Fate, signal: AbortSignal): Promise<void> {
    await pause(fate === 'hangs' ? 600_000 : 2, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (fate === 'is empty once') throw new GatewayError('empty_output', 'The answer was empty.');
    if (fate === 'hands over') throw new GatewayError('timeout', 'No token in time.');
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }
}

interface Stage {
  readonly records: Records;
  readonly rig: RunnerRig;
  readonly upstream: LoggingUpstream;
}

async function stage(fateOf: (marker: string) => Fate, leaseMs: number): Promise<Stage> {
  const records = await freshRecords();
  await records.lanes.declare(
    ['one', 'two'].map((name) => ({ name, cap: 40 })),
    80,
  );
  const upstream = new LoggingUpstream(fateOf);
  const rig = await runnerOver(records, { providers: upstream.catalogue, leaseMs });
  return { records, rig, upstream };
}

/** As the bell would: tickets of the job's present ring, until it has ended; another cannot claim it meanwhile. */
async function ringUntilEnded({ records, rig }: Stage, id: string): Promise<void> {
  for (;;) {
    const job = await records.jobs.read(id);
    if (job === null || hasEnded(job.status)) return;
    await rig.runner.run(ticketOf(id, job.ring), job.provider);
    await pause(1);
  }
}

/** As the API does: PostgreSQL acknowledges, then the workers are told. Null = the job had ended before. */
async function cancel({ records }: Stage, id: string): Promise<{ at: number } | null> {
  const row = await records.jobs.cancelRunning(id, 'local');
  const at = performance.now();
  if (row !== null && !hasEnded(row.status)) records.notices.tell('cancel', id);
  return row === null ? null : { at };
}

interface Round {
  readonly marker: string;
  readonly fate: Fate;
  /** When, and how often, the caller cancels: after so many milliseconds, or of calls. */
  readonly afterMs: number;
  readonly afterCalls: number;
  readonly twice: boolean;
}

const roundsOf = (random: () => number): Round[] =>
  Array.from({ length: ROUNDS }, (_, n) => {
    const fate = FATES[n % FATES.length] ?? 'answers';
    const afterCalls = Math.floor(random() * 2);
    return { marker: `m${String(n)}`, fate, afterCalls, afterMs: random() * 25, twice: random() < 0.3 };
  });

const acceptOf = async ({ records }: Stage, marker: string): Promise<string> => {
  // A model of its own: what one round does to its target must not bar the others.
  const chain = [targetOf('one', marker), targetOf('two', marker)] as const;
  const input = { messages: [{ role: 'user', content: `hello [[${marker}]]` }] };
  return (await records.accepts.accept(newJob({ model: `one/${marker}`, chain, input }))).row.id;
};

/** @returns how the job ended */
async function play(on: Stage, { marker, fate, afterMs, afterCalls, twice }: Round): Promise<string> {
  const { records, upstream } = on;
  const id = await acceptOf(on, marker);
  // Two tickets of one ring, as a queue may bring them.
  const bells = [ringUntilEnded(on, id), ringUntilEnded(on, id)];
  await upstream.until(() => upstream.of(marker).length >= afterCalls);
  await pause(afterMs);
  const acknowledged = await Promise.all(Array.from({ length: twice ? 2 : 1 }, () => cancel(on, id)));
  const claimsAtAck = (await records.jobs.read(id))?.attempts;
  const callsAtAck = upstream.of(marker).length;
  await Promise.all(bells);
  const told = acknowledged.some((answer) => answer !== null);
  const end = await records.jobs.read(id);
  const seen = {
    marker,
    fate,
    status: end?.status,
    claims: end?.attempts,
    open: upstream.of(marker).some((call) => call.open),
  };
  const status = told ? 'cancelled' : 'completed';
  expect(seen).toEqual({ marker, fate, status, claims: claimsAtAck, open: false });
  // One claim, one call: what came after the acknowledgement can only be the call of the claim before it.
  expect(upstream.of(marker).length).toBeLessThanOrEqual(Math.max(callsAtAck, claimsAtAck ?? 0));
  await staysEnded(on, id);
  return status;
}

/** Neither a late cancel nor late tickets of any ring move a job that has ended. */
async function staysEnded(on: Stage, id: string): Promise<void> {
  const { records, rig, upstream } = on;
  const end = await records.jobs.read(id);
  const calls = upstream.calls.filter(({ marker }) => end?.model === `one/${marker}`).length;
  expect(await cancel(on, id)).toBeNull();
  for (const ring of [1, end?.ring ?? 1, (end?.ring ?? 1) + 1])
    expect(await rig.runner.run(ticketOf(id, ring), end?.provider ?? 'one')).toEqual({ fate: 'done' });
  expect(await records.jobs.read(id)).toEqual(end);
  expect(upstream.calls.filter(({ marker }) => end?.model === `one/${marker}`)).toHaveLength(calls);
}

const slotsInUse = async ({ records }: Stage): Promise<number | null> =>
  (await records.database.pool.query('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).rowCount;

describe('a cancel', () => {
  it(`has one stable end in ${String(ROUNDS)} races with claims, ends, hand-overs, retries and itself (seed ${String(SEED)})`, async () => {
    const rounds = roundsOf(chance(SEED));
    const fates = new Map(rounds.map(({ marker, fate }) => [marker, fate]));
    const on = await stage((marker) => fates.get(marker) ?? 'answers', LEASE_MS);
    on.records.notices.on('cancel', (id) => on.rig.leases.cancel(id));
    on.records.notices.start();
    const ends: string[] = [];
    const waiting = [...rounds];
    const player = async (): Promise<void> => {
      for (let round = waiting.shift(); round; round = waiting.shift()) ends.push(await play(on, round));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, player));
    expect(ends).toHaveLength(ROUNDS);
    // Else the races were none.
    expect(new Set(ends)).toEqual(new Set(['cancelled', 'completed']));
    expect(await slotsInUse(on)).toBe(0);
  });

  it('closes a running call within a second when its notice is lost, and waits for no renewal', async () => {
    const on = await stage(() => 'hangs', 10_000);
    const { records, rig, upstream } = on;
    const id = await acceptOf(on, 'unheard');
    const watch = new CancelWatch(rig.leases, (jobIds) => records.leases.cancelled(jobIds));
    rig.leases.start();
    watch.start();
    const run = rig.runner.run(ticketOf(id, 1), 'one');
    await upstream.until(() => upstream.calls.length === 1);
    const acknowledged = await cancel(on, id);
    await upstream.until(() => upstream.calls.every(({ open }) => !open));
    const closedAfterMs = performance.now() - (acknowledged?.at ?? 0);
    await run;
    watch.stop();
    rig.leases.stop();
    // A second, and as much for a loaded machine; the next renewal is a quarter of a lease away.
    expect(closedAfterMs).toBeLessThan(2000);
    expect(await records.jobs.read(id)).toMatchObject({ status: 'cancelled', attempts: 1 });
    expect(await slotsInUse(on)).toBe(0);
  });

  it('that overtakes the answer to a claim lets no call begin', async () => {
    const on = await stage(() => 'hangs', LEASE_MS);
    const { records, rig, upstream } = on;
    const id = await acceptOf(on, 'overtaken');
    const claim = records.claims.claim.bind(records.claims);
    jest.spyOn(records.claims, 'claim').mockImplementation(async (request) => {
      const answer = await claim(request);
      await cancel(on, id);
      rig.leases.cancel(id);
      return answer;
    });
    await rig.runner.run(ticketOf(id, 1), 'one');
    expect(upstream.calls).toEqual([]);
    expect(await records.jobs.read(id)).toMatchObject({ status: 'cancelled', attempts: 1, costNanoUsd: 0 });
    expect(await records.attempts.list(id)).toMatchObject([{ call: 'not_sent' }]);
  });
});
