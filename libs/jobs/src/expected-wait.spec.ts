import { Circuit } from '@longhaul/records';
import { expectedWait } from './expected-wait';

const lane = { inFlight: 0, waiting: 0, rung: 0, scheduled: 0, oldestReadySeconds: null };
const open = (scope: string, change: Partial<Circuit> = {}): Circuit => ({
  ...{ scope, state: 'open', until: new Date('2026-11-21T12:00:00Z'), code: 'overloaded' },
  ...{ strikes: 1, isProbed: false },
  ...change,
});
const waitWith = (circuits: readonly Circuit[], cap = 3) =>
  expectedWait(
    { provider: 'one', model: 'a/b' },
    {
      figures: {
        lanes: () => Promise.resolve([{ ...lane, lane: 'one', cap }]),
        total: () => Promise.resolve({ cap: 10, inFlight: 0 }),
        callSeconds: () => Promise.resolve(2),
      },
      health: { circuits: () => Promise.resolve({ now: new Date(0), circuits }) },
    },
  );

describe('the expected wait', () => {
  it.each(['target:one/a/b', 'provider:one', 'credential:one'])('is open while %s cools', async (scope) => {
    expect(await waitWith([open(scope)])).toEqual({
      seconds: null,
      because:
        'one/a/b may not be called before 2026-11-21T12:00:00Z (overloaded): the job waits, or goes to its next target.',
    });
  });

  it('is none where only others cool, and is open where the lane is off', async () => {
    expect(
      await waitWith(['target:one/a', 'provider:two', 'target:one/a/bc'].map((scope) => open(scope))),
    ).toMatchObject({ seconds: 0 });
    expect(await waitWith([], 0)).toMatchObject({
      seconds: null,
      because: expect.stringContaining('is off'),
    });
  });

  it('is none over a half-open circuit, unless one call tries it', async () => {
    const half = { state: 'half_open' } as const;
    expect(await waitWith([open('provider:one', half)])).toMatchObject({ seconds: 0 });
    expect(await waitWith([open('provider:one', { ...half, isProbed: true })])).toEqual({
      seconds: null,
      because:
        'One call finds out whether one/a/b is well again (overloaded): the job waits for its first token.',
    });
  });
});
