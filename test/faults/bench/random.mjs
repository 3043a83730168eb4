/** Numbers that follow from a seed alone (mulberry32), so that a run can be repeated. */
export class Random {
  #state;

  /** `stream` parts what must not disturb each other: the same seed gives each stream its own numbers. */
  constructor(seed, stream) {
    this.#state = [...stream].reduce(
      (state, letter) => Math.imul(state ^ letter.charCodeAt(0), 0x01000193),
      seed ^ 0x811c9dc5,
    );
  }

  /** From 0 up to, not including, 1. */
  share() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(least, most) {
    return Math.round(least + this.share() * (most - least));
  }

  below(count) {
    return Math.floor(this.share() * count);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  shuffled(list) {
    const cards = [...list];
    for (let last = cards.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      [cards[last], cards[other]] = [cards[other], cards[last]];
    }
    return cards;
  }
}
