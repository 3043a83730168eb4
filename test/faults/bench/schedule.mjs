import { Refusal } from '../../../scripts/system/files.mjs';
import { KINDS } from './kinds/index.mjs';
import { PROFILES } from './profiles.mjs';
import { Random } from './random.mjs';

/**
 * The faults of a run, without end: `{ number, gapMs, kind, target, lastsMs, ... }`. They follow from the seed and the
 * profile alone. Kinds are dealt like cards, so that even a short run meets most of them.
 */
export function* scheduleOf({ seed, profile, leaseMs, everyMs, faults }) {
  const random = new Random(seed, 'schedule');
  const cards = cardsOf(profile, faults);
  for (let number = 1, deck = []; ; number += 1) {
    if (deck.length === 0) deck = random.shuffled(cards);
    const kind = deck.pop();
    yield {
      number,
      gapMs: random.between(everyMs.least, everyMs.most),
      kind,
      target: random.below(1000),
      ...kind.plan(random, leaseMs),
    };
  }
}

function cardsOf(profile, wanted) {
  const known = KINDS.filter(
    ({ name, hits }) => wanted === null || wanted.includes(name) || wanted.includes(hits),
  );
  const cards = known.flatMap((kind) => {
    const count = PROFILES[profile].cards(kind);
    return Array.from({ length: count }, () => kind);
  });
  if (cards.length > 0) return cards;
  const names = KINDS.map(({ name }) => name).join(', ');
  throw new Refusal(`--faults leaves no kind of the profile ${profile}. There are: ${names}.`);
}
