import { CoolingScope } from '@longhaul/records';
import { expectedWait } from './expected-wait';

const lane = { inFlight: 0, waiting: 0, rung: 0, scheduled: 0, oldestReadySeconds: null };
const waitWith = (scopes: readonly string[], cap = 3) => {
  const until = new Date('2026-11-21T12:00:00Z');
  const cooling: CoolingScope[] = scopes.map((scope) => ({ scope, until, code: 'overloaded' }));
  return expectedWait(
    { provider: 'one', model: 'a/b' },
    {
      lanes: () => Promise.resolve([{ ...lane, lane: 'one', cap }]),
      total: () => Promise.resolve({ cap: 10, inFlight: 0 }),
      callSeconds: () => Promise.resolve(2),
      cooling: () => Promise.resolve(cooling),
    },
  );
};

describe('the expected wait', () => {
  it.each(['target:one/a/b', 'provider:one', 'credential:one:f00'])(
    'is open while %s cools',
    async (scope) => {
      expect(await waitWith([scope])).toEqual({
        seconds: null,
        because:
          'one/a/b may not be called before 2026-11-21T12:00:00Z (overloaded): the job waits, or goes to its next target.',
      });
    },
  );

  it('is none where only others cool, and is open where the lane is off', async () => {
    expect(await waitWith(['target:one/a', 'provider:two', 'target:one/a/bc'])).toMatchObject({ seconds: 0 });
    expect(await waitWith([], 0)).toMatchObject({
      seconds: null,
      because: expect.stringContaining('is off'),
    });
  });
});
