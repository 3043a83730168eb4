/**
 * What was done to whom and when, in Unix milliseconds: `{ number, kind, hits, name, pid, startedAt, endedAt, isDown,
 * excuses, note }`. `isDown`: nobody can be served meanwhile. `excuses`: a worker was killed, frozen or cut off so that
 * each call it had in flight may be made once more. A killed process has no end. `isPastSpool`: the answer that it was at
 * lay in the spool by then.
 */
export class FaultLog {
  entries = [];

  begin(entry) {
    const whole = {
      endedAt: null,
      isDown: false,
      excuses: false,
      note: '',
      pid: null,
      ...entry,
      startedAt: Date.now(),
    };
    this.entries.push(whole);
    return whole;
  }

  end(entry, note = entry.note) {
    Object.assign(entry, { endedAt: Date.now(), note });
  }

  /** Whether any fault on one of these is under way. */
  isOpen(hits) {
    return this.entries.some((entry) => entry.hits === hits && entry.endedAt === null && entry.isDown);
  }
}
