const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const BAR_CELLS = 20;
/** For a terminal that does not say its width, or says 0, as those without a window do. */
const USUAL_COLUMNS = 80;

/**
 * Live progress of several jobs: one line per job, redrawn in place, on a terminal; elsewhere a plain line per
 * change.
 */
export class Progress {
  #rows = new Map();
  #drawn = 0;
  #frame = 0;
  #timer = null;
  #hasEnded = false;

  constructor(out = process.stdout) {
    this.out = out;
    this.live = Boolean(out.isTTY) && process.env.TERM !== 'dumb';
    if (this.live) this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  /** A job as the API shows it. */
  update(name, job) {
    if (this.#hasEnded) return;
    const row = this.#rows.get(name) ?? { name, startedAt: performance.now(), text: '' };
    const text = wordsOf(job);
    const changed = text !== row.text;
    Object.assign(row, { text, ended: row.ended ?? (job.completed_at ? performance.now() : undefined) });
    this.#rows.set(name, { ...row, percent: job.progress?.percent ?? null });
    if (!this.live && changed) this.out.write(`${seconds(row)}  ${name.padEnd(6)} ${text}\n`);
  }

  /** Draws a last time; whatever is written after it stands below. */
  end() {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#timer);
    if (this.live) this.#draw();
  }

  #draw() {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const up = this.#drawn > 0 ? `\r\x1b[${this.#drawn}A` : '';
    const lines = [...this.#rows.values()].map((row) => `\x1b[2K${this.#line(row)}\n`);
    this.#drawn = lines.length;
    this.out.write(up + lines.join(''));
  }

  #line(row) {
    const mark = row.ended ? '✓' : FRAMES[this.#frame];
    const line = `${mark} ${row.name.padEnd(6)} ${seconds(row)}  ${barOf(row)}${row.text}`;
    // A line that wraps would not be redrawn in place.
    return line.slice(0, (this.out.columns || USUAL_COLUMNS) - 1);
  }
}

const seconds = (row) =>
  `${(((row.ended ?? performance.now()) - row.startedAt) / 1000).toFixed(1)} s`.padStart(8);

function barOf({ percent, ended }) {
  if (percent === null || ended) return '';
  const full = Math.round((percent / 100) * BAR_CELLS);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] `;
}

const wordsOf = (job) => {
  if (job.completed_at) return job.status;
  const message = job.progress?.message;
  return `${job.phase ?? job.status}${message ? `: ${message}` : ''}`;
};
