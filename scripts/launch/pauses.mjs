const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const STEADY_MS = 60_000;

/** How long to wait before something that died is started again: 0.5 s, 1, 2, 4 … 30 s, and anew once it has lived 60 s. */
export class Pauses {
  #deaths = 0;

  after(livedMs) {
    if (livedMs >= STEADY_MS) this.#deaths = 0;
    const pauseMs = Math.min(FIRST_MS * 2 ** this.#deaths, LONGEST_MS);
    this.#deaths += 1;
    return pauseMs;
  }
}
