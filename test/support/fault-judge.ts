import { execFileSync } from 'node:child_process';
import { ROOT } from './scratch';

/** The invariants of the fault bench over evidence that was made up, as the bench itself asks them. */
const ASK = `
  import { Joined } from './test/faults/bench/joined.mjs';
  import { ACCEPTING } from './test/faults/bench/invariants/accepting.mjs';
  import { CALLS } from './test/faults/bench/invariants/calls.mjs';
  import { CANCELS } from './test/faults/bench/invariants/cancels.mjs';
  import { CAPS } from './test/faults/bench/invariants/caps.mjs';
  import { ENDINGS } from './test/faults/bench/invariants/endings.mjs';
  import { MONEY } from './test/faults/bench/invariants/money.mjs';
  const { name, evidence } = JSON.parse(process.argv[1]);
  const { judge } = [...ACCEPTING, ...CALLS, ...CANCELS, ...CAPS, ...ENDINGS, ...MONEY].find((one) => one.name === name);
  process.stdout.write(JSON.stringify(judge({ ...evidence, joined: new Joined(evidence) })));`;

export interface Verdict {
  readonly said: string;
  readonly bad: readonly string[];
  readonly seen?: number;
}

export type Row = Readonly<Record<string, unknown>>;

interface Evidence {
  readonly rows?: readonly Row[];
  readonly attempts?: readonly Row[];
  readonly ledger?: readonly Row[];
  readonly lines?: readonly Row[];
  readonly faults?: readonly Row[];
  readonly submits?: readonly Row[];
  readonly cancels?: readonly Row[];
  readonly lastFaultAt?: number;
}

/** They ran all the time, and long before. */
const LIFE = { startedAt: -100_000, readyAt: -90_000, endedAt: null };
const MEMBERS = [
  { name: 'api-1', role: 'api', lives: [{ ...LIFE, pid: 1 }] },
  { name: 'api-2', role: 'api', lives: [{ ...LIFE, pid: 2 }] },
  { name: 'worker-1', role: 'worker', lives: [{ ...LIFE, pid: 11 }] },
];

/** What the invariant of that name says. */
export function verdict(name: string, evidence: Evidence): Verdict {
  const { rows = [], submits = [], cancels = [], lastFaultAt = 0, ...tables } = evidence;
  const jobs = rows.map(({ marker }, index) => ({ index, marker, first: 'moonshot', snag: 'none' }));
  const ran = { jobs, lastFaultAt, open: 0, client: { submits, cancels } };
  const whole = {
    ...{ attempts: [], ledger: [], lines: [], faults: [], ...tables, rows, ran, members: MEMBERS },
    options: { leaseMs: 3_000, lenient: false, jobs: rows.length },
  };
  const words = ['--input-type=module', '-e', ASK, JSON.stringify({ name, evidence: whole })];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' })) as Verdict;
}

export const jobOf = (n: number, more: Row = {}): Row => ({
  ...{ id: `job_${String(n)}`, marker: `b${String(n)}`, status: 'completed', code: null, fence: 1 },
  ...{ createdAt: 0, completedAt: 2_000, deadlineAt: 60_000, ...more },
});
export const attemptOf = (n: number, more: Row = {}): Row => ({
  ...{ jobId: `job_${String(n)}`, fence: 1, number: 1, lane: 'moonshot', worker: 'host:11' },
  ...{ status: 'succeeded', code: null, requestId: `sandbox-${String(n)}` },
  ...{ startedAt: 0, endedAt: 2_000, ...more },
});
export const lineOf = (n: number, more: Row = {}): Row => ({
  ...{ seq: n, provider: 'moonshot', marker: `b${String(n)}`, receivedAt: 100, endedAt: 1_900 },
  ...{ clientClosedAt: null, outcome: 'whole', ...more },
});
export const ledgerOf = (n: number, more: Row = {}): Row => ({
  ...{ jobId: `job_${String(n)}`, fence: 1, call: 'answered', nanoUsd: 0, ...more },
});
export const faultOf = (
  kind: string,
  [startedAt, endedAt]: readonly [number, number],
  more: Row = {},
): Row => ({
  ...{ number: 1, kind, hits: 'worker', name: 'worker-1', pid: 11, isDown: true, excuses: true },
  ...{ startedAt, endedAt, ...more },
});
export const WITHOUT_POSTGRES = { hits: 'postgres', name: 'postgres', pid: null, excuses: false };
