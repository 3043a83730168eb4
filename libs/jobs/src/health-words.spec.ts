import { Circuit, TargetHealth } from '@longhaul/records';
import { illnessesOf, scopeOf, successAt } from './health-words';

const NOW = new Date('2026-11-21T12:00:00.500Z');
const SETTINGS = { minSamples: 20, minSuccess: 0.5, halfLifeMs: 60_000 };

const circuit = (scope: string, change: Partial<Circuit> = {}): Circuit => ({
  ...{ scope, state: 'open', until: new Date('2026-11-21T12:05:00.200Z'), code: 'overloaded' },
  ...{ strikes: 1, isProbed: false },
  ...change,
});
const health = (change: Partial<TargetHealth> = {}): TargetHealth => ({
  ...{ target: 'one/m', samples: 40, successRate: 0.3, latencyMs: 10, firstTokenMs: 5 },
  ...{ p50Ms: 10, p95Ms: 20, updatedAt: NOW },
  ...change,
});
const illnesses = (circuits: readonly Circuit[], targets: readonly TargetHealth[] = []): string[][] => [
  ...illnessesOf({ now: NOW, circuits, targets }, SETTINGS),
];

describe('what ails a target', () => {
  it.each([
    ['target:one/a/b', 'one/a/b', 'one/a/b may not be called before 2026-11-21T12:05:00Z (overloaded).'],
    ['provider:one', 'one', 'Provider one may not be called before 2026-11-21T12:05:00Z (overloaded).'],
    [
      'credential:one:f00',
      'one',
      'The key of provider one may not be used before 2026-11-21T12:05:00Z (overloaded).',
    ],
  ])('is an open circuit: %s', (scope, name, sentence) => {
    expect(illnesses([circuit(scope)])).toEqual([[name, sentence]]);
  });

  it('is a half-open circuit only while one call finds out whether it may be closed', () => {
    const half = { state: 'half_open', until: NOW } as const;
    expect(illnesses([circuit('target:one/m', half)])).toEqual([]);
    expect(illnesses([circuit('target:one/m', { ...half, isProbed: true })])).toEqual([
      ['one/m', 'one/m is being tried by one call after its failures (overloaded).'],
    ]);
  });

  it('is that too few of its latest calls went well, after enough of them', () => {
    const sentence = 'Only 30 % of the latest calls of one/m went well; HEALTH_MIN_SUCCESS asks for 50 %.';
    expect(illnesses([], [health()])).toEqual([['one/m', sentence]]);
    expect(illnesses([], [health({ samples: 19 })])).toEqual([]);
    expect(illnesses([], [health({ successRate: 0.5 })])).toEqual([]);
  });

  it('is told by the circuit where both speak, since that one is a fact', () => {
    expect(illnesses([circuit('target:one/m')], [health()])[0]?.[1]).toContain('may not be called');
  });

  it('passes by itself: the share of failures halves with each half-life', () => {
    const before = (ms: number): Date => new Date(NOW.getTime() - ms);
    expect(successAt(health({ updatedAt: before(60_000) }), NOW, 60_000)).toBeCloseTo(0.65, 9);
    // 0.7 × 2^(−t/60) = 0.5 at 29.1 s.
    expect(illnesses([], [health({ updatedAt: before(29_000) })])).toHaveLength(1);
    expect(illnesses([], [health({ updatedAt: before(29_300) })])).toEqual([]);
    expect(successAt(health({ updatedAt: new Date(NOW.getTime() + 5_000) }), NOW, 60_000)).toBeCloseTo(
      0.3,
      9,
    );
  });

  it('is nothing that a scope of another Longhaul says', () => {
    for (const scope of ['region:eu', 'target:one', 'provider:', '']) expect(scopeOf(scope)).toBeNull();
    expect(illnesses([circuit('region:eu')])).toEqual([]);
  });
});
