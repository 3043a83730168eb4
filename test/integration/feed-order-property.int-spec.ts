import * as fc from 'fast-check';
import { FeedTerms } from '@longhaul/records';
import { claimed } from '../support/records';
import { CAP, FeedRig, id, Waiting } from './feed-rig';

// Each world is a few statements, on machines of any speed.
jest.setTimeout(90_000);

/** The order in words: one at a time, the caller with the fewest first, then the aged priority, then who was ready first. */
function expected(
  jobs: readonly Waiting[],
  held: readonly string[],
  { depth, ageingMs }: FeedTerms,
): string[] {
  const step = ageingMs / 1000;
  const left = jobs
    .map((job, index) => ({ ...job, id: id(index + 1), ready: -job.readySecondsAgo }))
    .filter(({ ready }) => ready <= 0);
  const shares = new Map<string, number>();
  const add = (caller: string): void => void shares.set(caller, (shares.get(caller) ?? 0) + 1);
  held.forEach(add);
  const order: string[] = [];
  const keyOf = (job: (typeof left)[number]): (number | string)[] => [
    shares.get(job.caller) ?? 0,
    step > 0 ? 0 : -job.priority,
    job.ready - job.priority * step,
    job.ready,
    job.id,
  ];
  while (order.length < (depth ?? CAP) && left.length > 0) {
    const keys = left.map(keyOf);
    const best = keys.reduce((least, key, index) => (isLess(key, keys[least] ?? key) ? index : least), 0);
    const [next] = left.splice(best, 1);
    if (next === undefined) break;
    order.push(next.id);
    add(next.caller);
  }
  return order;
}

function isLess(left: readonly (number | string)[], right: readonly (number | string)[]): boolean {
  const place = left.findIndex((part, index) => part !== right[index]);
  return place >= 0 && (left[place] ?? 0) < (right[place] ?? 0);
}

describe('any world', () => {
  // Whole minutes apart and half a minute from now, so that the time of the test itself changes no order.
  const aJob = fc.record({
    caller: fc.constantFrom('a', 'b', 'c', 'd'),
    priority: fc.integer({ min: 0, max: 9 }),
    model: fc.constantFrom('m', 'n'),
    readySecondsAgo: fc.integer({ min: -3, max: 30 }).map((minutes) => minutes * 60 - 30),
  });
  const world = fc.record({
    jobs: fc.array(aJob, { maxLength: 40 }),
    inFlight: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 }),
    depth: fc.integer({ min: 1, max: 30 }),
    ageingMs: fc.constantFrom(0, 60_000, 300_000),
  });

  it('is rung in the order that the words describe', async () => {
    const rig = await FeedRig.over();
    await fc.assert(
      fc.asyncProperty(world, async ({ jobs, inFlight, depth, ageingMs }) => {
        await rig.empty();
        await rig.wait(
          inFlight.map((caller) => ({ caller })),
          'held',
        );
        for (const place of inFlight.keys()) await claimed(rig.records, id(place + 1, 'held'));
        await rig.wait(jobs);
        expect(await rig.rung({ depth, ageingMs })).toEqual(expected(jobs, inFlight, { depth, ageingMs }));
      }),
      { numRuns: 60 },
    );
  });
});
