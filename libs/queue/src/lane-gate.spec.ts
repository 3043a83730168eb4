import { LaneGate } from './lane-gate';

type Answer = 'claimed' | 'full' | 'stale';

/** A claim that is answered when the test says so. */
function claims() {
  const asked: { probe: boolean; answer: (answer: Answer) => void; fail: (error: Error) => void }[] = [];
  const claim = (probe: boolean) =>
    new Promise<Answer>((resolve, reject) => asked.push({ probe, answer: resolve, fail: reject }));
  return { asked, claim };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function heldGate(options: { freshForMs?: number; now?: () => number } = {}) {
  const gate = new LaneGate<Answer>({
    isFull: (answer) => answer === 'full',
    isFree: (answer) => answer === 'claimed',
    ...options,
  });
  await gate.pass(async () => 'full');
  return gate;
}

describe('a lane gate', () => {
  it('lets every ticket claim for itself while the lane has room', async () => {
    const gate = new LaneGate<Answer>({ isFull: (answer) => answer === 'full' });
    const { asked, claim } = claims();
    const passes = [gate.pass(claim), gate.pass(claim), gate.pass(claim)];
    expect(asked.map(({ probe }) => probe)).toEqual([false, false, false]);
    asked.forEach(({ answer }) => answer('claimed'));
    await expect(Promise.all(passes)).resolves.toEqual(['claimed', 'claimed', 'claimed']);
  });

  it('sends one probe after a full answer, and the rest share its answer', async () => {
    const gate = await heldGate();
    const { asked, claim } = claims();
    const passes = [gate.pass(claim), gate.pass(claim), gate.pass(claim)];
    await settled();
    expect(asked.map(({ probe }) => probe)).toEqual([true]);
    asked[0]!.answer('full');
    await expect(Promise.all(passes)).resolves.toEqual(['full', 'full', 'full']);
    expect(asked).toHaveLength(1);
    expect(gate.isHeld).toBe(true);
  });

  it('elects a new probe for those who come after an answered one', async () => {
    const gate = await heldGate();
    await gate.pass(async () => 'full');
    const { asked, claim } = claims();
    void gate.pass(claim);
    expect(asked.map(({ probe }) => probe)).toEqual([true]);
    asked[0]!.answer('full');
  });

  it('opens when the probe claims, and the rest claim for themselves', async () => {
    const gate = await heldGate();
    const { asked, claim } = claims();
    const passes = [gate.pass(claim), gate.pass(claim), gate.pass(claim)];
    asked[0]!.answer('claimed');
    await settled();
    expect(asked.map(({ probe }) => probe)).toEqual([true, false, false]);
    asked.slice(1).forEach(({ answer }) => answer('full'));
    await expect(Promise.all(passes)).resolves.toEqual(['claimed', 'full', 'full']);
    expect(gate.isHeld).toBe(true);
  });

  it('stays held when the probe learns nothing about slots, and the next ticket is the probe', async () => {
    const gate = await heldGate();
    const { asked, claim } = claims();
    const passes = [gate.pass(claim), gate.pass(claim), gate.pass(claim)];
    asked[0]!.answer('stale');
    await settled();
    expect(asked.map(({ probe }) => probe)).toEqual([true, true]);
    asked[1]!.answer('full');
    await expect(Promise.all(passes)).resolves.toEqual(['stale', 'full', 'full']);
  });

  it('keeps the error of a probe to the probe', async () => {
    const gate = await heldGate();
    const { asked, claim } = claims();
    const [first, second] = [gate.pass(claim), gate.pass(claim)];
    const failure = expect(first).rejects.toThrow('database away');
    asked[0]!.fail(new Error('database away'));
    await failure;
    await settled();
    expect(asked.map(({ probe }) => probe)).toEqual([true, true]);
    asked[1]!.answer('claimed');
    await expect(second).resolves.toBe('claimed');
  });

  it('shares a fresh full answer without a probe, and asks again when it is old', async () => {
    let nowMs = 0;
    const gate = await heldGate({ freshForMs: 250, now: () => nowMs });
    const { asked, claim } = claims();
    nowMs = 249;
    await expect(gate.pass(claim)).resolves.toBe('full');
    expect(asked).toHaveLength(0);
    nowMs = 250;
    const later = gate.pass(claim);
    expect(asked.map(({ probe }) => probe)).toEqual([true]);
    asked[0]!.answer('claimed');
    await expect(later).resolves.toBe('claimed');
    expect(gate.isHeld).toBe(false);
  });
});
