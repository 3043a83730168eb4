import { Guard, MoveName, Move, MOVES } from '@longhaul/contract';
import { Law, LAWS } from './laws';
import { search } from './search';
import { Size, SMALL } from './world';

/** The smallest worlds in which each guard is missed, and what breaks there. */
const ONE: Size = { ...SMALL, maxCalls: 2, deathsUntilPoison: 2 };
const TWO: Size = { ...ONE, jobs: 2, faults: 0, retries: false };
const CALLED_OFF: Size = { ...ONE, cancels: true };
const LATE: Size = { ...ONE, deadlines: true };
const BARRED: Size = { ...ONE, bars: true, faults: 0 };
const REMOVED: Size = { ...ONE, removals: true, faults: 0 };
const KEYED: Size = { ...TWO, sharedKey: true };
const DEADLY: Size = { ...SMALL, faults: 2, deathsUntilPoison: 1 };
const LAST_CALL: Size = { ...SMALL, faults: 2, maxCalls: 1 };

type Needs = {
  readonly [Name in MoveName]: Readonly<Record<(typeof MOVES)[Name]['guards'][number], readonly [Law, Size]>>;
};

const NEEDS: Needs = {
  accept: { key: ['I12', KEYED] },
  ring: {},
  claim: {
    status: ['I3', ONE],
    ring: ['I11', ONE],
    ready: ['time', ONE],
    in_time: ['time', LATE],
    uncancelled: ['I9', CALLED_OFF],
    lapsed: ['paid', ONE],
    grace: ['paid', { ...ONE, faults: 2 }],
    open: ['time', BARRED],
    slot: ['I7', TWO],
    unpaid: ['paid', ONE],
    deaths: ['I8', DEADLY],
    calls: ['I8', LAST_CALL],
  },
  renew: { fence: ['I4', ONE], owner: ['I6', ONE] },
  answer: { status: ['I3', CALLED_OFF], fence: ['I6', ONE], uncancelled: ['I9', CALLED_OFF] },
  fail: { fence: ['I6', ONE], owner: ['I3', ONE], uncancelled: ['I9', CALLED_OFF] },
  retry: { fence: ['I6', SMALL], owner: ['I13', ONE], calls: ['I8', ONE] },
  hand_over: { fence: ['I6', SMALL], owner: ['I13', ONE], calls: ['I8', ONE] },
  give_back: { fence: ['I6', ONE], owner: ['I6', ONE], calls: ['I8', ONE] },
  stop: { fence: ['I6', CALLED_OFF], owner: ['I3', CALLED_OFF] },
  free: {
    lapsed: ['paid', ONE],
    grace: ['paid', ONE],
    unpaid: ['paid', ONE],
    deaths: ['I8', DEADLY],
    calls: ['I8', LAST_CALL],
  },
  cancel: { status: ['I3', CALLED_OFF], unheld: ['I4', CALLED_OFF] },
  ask_cancel: { status: ['I3', CALLED_OFF] },
  expire: { status: ['I3', LATE], unheld: ['I4', LATE], due: ['I2', ONE] },
  shift: { status: ['I3', BARRED], unheld: ['I13', BARRED], ring: ['I8', BARRED] },
  give_up: {
    ...{ status: ['I3', BARRED], unheld: ['I4', BARRED], ring: ['I2', BARRED] },
    unpaid: ['paid', { ...BARRED, faults: 1 }],
  },
  remove: { status: ['I1', REMOVED] },
};

const rows = (Object.entries(MOVES) as [MoveName, Move][]).flatMap(([move, { guards }]) =>
  guards.map((guard) => ({
    move,
    guard,
    need: (NEEDS[move] as Partial<Record<Guard, readonly [Law, Size]>>)[guard],
  })),
);

describe('without one guard of the table of transitions', () => {
  it.each(rows)('$move loses $guard, and a law breaks', ({ move, guard, need }) => {
    const [law, size] = need ?? [];
    if (!law || !size) throw new Error(`no world misses ${guard} of ${move}`);
    const { broken } = search({ size, missing: { move, guard } });
    expect(broken === null ? 'nothing breaks' : `${broken.law}: ${LAWS[broken.law]}`).toBe(
      `${law}: ${LAWS[law]}`,
    );
  });

  it('each of these worlds keeps every law while the guard is there, and every job in it can end', () => {
    const sizes = new Map(
      rows.flatMap(({ need }) => (need ? [[JSON.stringify(need[1]), need[1]] as const] : [])),
    );
    for (const size of sizes.values()) expect(search({ size })).toMatchObject({ broken: null, stuck: 0 });
  });
});
