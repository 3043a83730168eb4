import { ageWords, laneWords, LaneState, summaryWords, Surroundings } from './overview-words';

const lane = (change: Partial<LaneState> = {}): LaneState => ({
  lane: 'moonshot',
  cap: 10,
  inFlight: 0,
  waiting: 0,
  rung: 0,
  scheduled: 0,
  oldestReadySeconds: null,
  isConfigured: true,
  cooling: { lane: null, models: [], probed: [] },
  ...change,
});
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  total: { cap: 48, inFlight: 3 },
  queue: 'redis',
  isQueueUp: true,
  ...change,
});
const until = new Date('2026-11-21T06:30:00.123Z');

describe('a lane in words', () => {
  it.each<[string, Partial<LaneState>]>([
    ['Idle, 10 slots are free.', {}],
    ['2 of 10 slots busy, nothing waits.', { inFlight: 2 }],
    [
      '2 of 10 slots busy; 1 job waits, the oldest for 3 s.',
      { inFlight: 2, waiting: 1, oldestReadySeconds: 3.9 },
    ],
    [
      '10 of 10 slots busy; 12 jobs wait for a slot, the oldest for 14 s. 1 job is for later.',
      { inFlight: 10, waiting: 12, oldestReadySeconds: 14, scheduled: 1 },
    ],
    ['Idle, 10 slots are free. 2 jobs are for later.', { scheduled: 2 }],
    // A ticket on its way is no trouble.
    ['0 of 10 slots busy; 1 job waits, the oldest for 1 s.', { waiting: 1, oldestReadySeconds: 1 }],
  ])('is well: %s', (words, change) => {
    expect(laneWords(lane(change), around())).toEqual({ words, trouble: false });
  });

  it.each<[string, Partial<LaneState>]>([
    [
      'Off, its cap is 0; 2 jobs wait. To turn it on, set MAX_INFLIGHT_MOONSHOT above 0 and start Longhaul again.',
      { cap: 0, waiting: 2 },
    ],
    [
      'Not configured here: its provider has no block or no key; 1 job waits. Give every process the same config and keys.',
      { isConfigured: false, scheduled: 1 },
    ],
    [
      'Cooling until 2026-11-21T06:30:00Z because quota_exhausted; 4 jobs wait. Add credit, or wait for its reset.',
      {
        scheduled: 4,
        cooling: {
          lane: { scope: 'credential:moonshot', until, code: 'quota_exhausted' },
          models: [],
          probed: [],
        },
      },
    ],
    [
      '3 jobs wait, the oldest for 60 s, all 10 slots are free and nothing runs: no worker seems to serve this lane. ' +
        'Start one (npm run start:worker), or look at WORKER_LANES of those that run.',
      { waiting: 3, oldestReadySeconds: 60 },
    ],
  ])('says what to do: %s', (words, change) => {
    expect(laneWords(lane(change), around())).toEqual({ words, trouble: true });
  });

  it('that is off and wanted by nobody is no trouble', () => {
    expect(laneWords(lane({ cap: 0 }), around())).toMatchObject({ trouble: false });
  });

  it('names the models that cool alone', () => {
    const models = [{ model: 'k2', until, code: 'overloaded' }];
    expect(laneWords(lane({ cooling: { lane: null, models, probed: [] } }), around()).words).toBe(
      'Idle, 10 slots are free. k2 cools until 2026-11-21T06:30:00Z because overloaded.',
    );
  });

  it('says what one call finds out while the others wait', () => {
    const waits = lane({ inFlight: 1, waiting: 4, oldestReadySeconds: 3 });
    const probing = (probed: (string | null)[]): string =>
      laneWords({ ...waits, cooling: { lane: null, models: [], probed } }, around()).words;
    expect(probing([null])).toBe(
      '1 of 10 slots busy; 4 jobs wait while one call finds out whether it is well again, the oldest for 3 s.',
    );
    expect(probing(['k2'])).toBe(
      '1 of 10 slots busy; 4 jobs wait, the oldest for 3 s. One call finds out whether k2 is well again.',
    );
  });

  it('blames no worker while all lanes together are full, or the queue store is away', () => {
    const waiting = lane({ waiting: 3, oldestReadySeconds: 60 });
    expect(laneWords(waiting, around({ total: { cap: 3, inFlight: 3 } }))).toEqual({
      words:
        '0 of 10 slots busy; 3 jobs wait for a slot of all lanes (MAX_INFLIGHT_TOTAL), the oldest for 60 s.',
      trouble: false,
    });
    expect(laneWords(waiting, around({ isQueueUp: false })).words).toBe(
      '3 jobs wait until the queue store answers; 0 of 10 slots busy.',
    );
  });
});

describe('the summary', () => {
  it.each<[string, readonly Partial<LaneState>[], Partial<Surroundings>]>([
    ['Nothing runs and nothing waits.', [{}], { total: { cap: 48, inFlight: 0 } }],
    ['1 job runs, none waits.', [{ inFlight: 1 }], { total: { cap: 48, inFlight: 1 } }],
    [
      '3 jobs run, 12 wait; the oldest has waited 14 s in lane moonshot (2 of 10 slots busy).',
      [
        { lane: 'glm', inFlight: 1, waiting: 2, oldestReadySeconds: 4 },
        { inFlight: 2, waiting: 10, oldestReadySeconds: 14 },
      ],
      {},
    ],
    [
      'Nothing runs and nothing waits. 5 jobs are scheduled for later.',
      [{ scheduled: 5 }],
      { total: { cap: 48, inFlight: 0 } },
    ],
    [
      'No job runs, 1 waits; the oldest has waited 14 s in lane moonshot (0 of 10 slots busy).' +
        ' The queue store (redis) is away: jobs are accepted, and wait until it answers.',
      [{ waiting: 1, oldestReadySeconds: 14 }],
      { total: { cap: 48, inFlight: 0 }, isQueueUp: false },
    ],
  ])('%s', (words, changes, surroundings) => {
    expect(summaryWords(changes.map(lane), around(surroundings))).toBe(words);
  });

  it('ends with the lanes in trouble, the first three of them', () => {
    const off = ['a', 'b', 'c', 'd'].map((name) => lane({ lane: name, cap: 0, scheduled: 1 }));
    const words = summaryWords([...off, lane()], around({ total: { cap: 48, inFlight: 0 } }));
    expect(words).toMatch(/^Nothing runs and nothing waits\. 4 jobs are scheduled for later\. Lane a: Off/);
    expect(words).toMatch(/Lane c: Off, .* 1 more want a look\.$/);
    expect(words).not.toContain('Lane d');
  });
});

it.each([
  [0.4, '0 s'],
  [119.9, '119 s'],
  [120, '2 min'],
  [7199, '119 min'],
  [90_000, '25 h'],
])('%d seconds are told as %s', (seconds, words) => {
  expect(ageWords(seconds)).toBe(words);
});
