/** A door as whoever drives the run has it: each method is that of the `Door` in the thread, once it has been done there. */
export class RemoteDoor {
  #thread;
  #number;

  constructor(thread) {
    this.#thread = thread;
    this.#number = thread.nextDoor();
  }

  async open(targetPort) {
    this.port = await this.#ask('open', targetPort);
    return this;
  }

  cut() {
    return this.#ask('cut');
  }

  refuse() {
    return this.#ask('refuse');
  }

  accept() {
    return this.#ask('accept');
  }

  silence() {
    return this.#ask('silence');
  }

  unsilence() {
    return this.#ask('unsilence');
  }

  delay(delayMs) {
    return this.#ask('delay', delayMs);
  }

  cutAfterBytes(count) {
    return this.#ask('cutAfterBytes', count);
  }

  keepCommitBack(names, forMs) {
    return this.#ask('keepCommitBack', names, forMs);
  }

  /** With its thread every door is closed. */
  async close() {
    if (!this.#thread.hasEnded) await this.#ask('close');
  }

  #ask(method, ...words) {
    return this.#thread.ask(this.#number, method, words);
  }
}
