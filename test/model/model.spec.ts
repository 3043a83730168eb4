import { Found, search } from './search';
import { Size, SMALL } from './world';

/** A slow machine that does much else meanwhile. */
const PATIENCE_MS = 600_000;

const FEW_CALLS = { maxCalls: 2, deathsUntilPoison: 2 };

const told = (name: string, found: Found): Found => {
  process.stdout.write(`model, ${name}: ${String(found.states)} states, ${String(found.steps)} steps\n`);
  return found;
};

const sizes: readonly (readonly [string, Size])[] = [
  ['one job, its retries and two faults', { ...SMALL, faults: 2 }],
  ['one job that a caller cancels, with two faults', { ...SMALL, ...FEW_CALLS, faults: 2, cancels: true }],
  ['one job over time, with two faults', { ...SMALL, ...FEW_CALLS, faults: 2, deadlines: true }],
  [
    'one job whose providers are barred, cancelled, over time and removed',
    { ...SMALL, ...FEW_CALLS, faults: 1, bars: true, cancels: true, deadlines: true, removals: true },
  ],
  ['two requests with one key', { ...SMALL, ...FEW_CALLS, jobs: 2, sharedKey: true, retries: false }],
  ['two jobs, one of them cancelled, with a fault', { ...SMALL, ...FEW_CALLS, jobs: 2, cancels: true }],
];

describe('the model of the road', () => {
  it.each(sizes)(
    'keeps every law with %s, and every job can end without another fault',
    (name, size) => {
      expect(told(name, search({ size }))).toMatchObject({ broken: null, stuck: 0 });
    },
    PATIENCE_MS,
  );

  it(
    'keeps every law with two jobs, two workers, two providers and three faults, in more than a hundred thousand states',
    () => {
      const size = { ...SMALL, ...FEW_CALLS, jobs: 2, faults: 3, retries: false };
      const found = told('two jobs, two workers, two providers, three faults', search({ size }));
      expect(found).toMatchObject({ broken: null, stuck: 0 });
      expect(found.states).toBeGreaterThan(100_000);
    },
    PATIENCE_MS,
  );
});
