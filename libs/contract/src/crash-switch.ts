import { writeSync } from 'node:fs';
import { ArmedCrash } from './crash-points';

export interface CrashEffects {
  readonly say: (line: string) => void;
  readonly signal: (name: 'SIGKILL' | 'SIGSTOP') => void;
}

const STDERR = 2;

const OWN_PROCESS: CrashEffects = {
  // Written before the next line of code runs: the process may have no later one.
  say: (line) => writeSync(STDERR, `${line}\n`),
  signal: (name) => process.kill(process.pid, name),
};

/** The point at which this process crashes, once. Each owner of a way out asks it there. */
export class CrashSwitch {
  private visits = 0;

  constructor(
    private readonly armed: ArmedCrash,
    private readonly effects: CrashEffects = OWN_PROCESS,
  ) {}

  /** Undefined = not armed: whoever asks pays for one look. A point has one owner, so each may have a switch of its own. */
  static of(armed: ArmedCrash | null): CrashSwitch | undefined {
    return armed === null ? undefined : new CrashSwitch(armed);
  }

  /** @returns true when the answer to what was just done is to be taken for lost */
  reach(point: string): boolean {
    const { mode, visit } = this.armed;
    if (point !== this.armed.point) return false;
    this.visits += 1;
    if (this.visits !== visit) return false;
    this.effects.say(`Crash point ${point} is reached: ${mode}.`);
    switch (mode) {
      case 'kill':
        this.effects.signal('SIGKILL');
        return false;
      case 'stop':
        this.effects.signal('SIGSTOP');
        return false;
      case 'timeout':
        return true;
      default:
        return mode satisfies never;
    }
  }
}
