import { statSync } from 'node:fs';
import { CallersGuard } from './callers.guard';
import { CallerKey, readKeysFile } from './keys-file';

/** A revoked key holds at most this much longer. */
const LOOK_EVERY_MS = 1_000;

export interface LiveKeysOptions {
  readonly file: string;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly report: { log(text: string): void; error(text: string): void };
}

/**
 * The guard of a keys file that may change while the API runs: a key that was added or removed counts without a
 * restart. The file is looked at when somebody calls, at most once a second; one that cannot be used is reported
 * and changes nothing, so that a slip of an editor locks nobody out. At the boot it is a SettingsError.
 */
export class LiveCallersGuard extends CallersGuard {
  #guard: CallersGuard;
  #seen: string;
  #lookedAtMs: number;

  constructor(private readonly options: LiveKeysOptions) {
    // Before it is read: a change in between is then seen as one.
    const seen = stampOf(options.file);
    const keys = readKeysFile(options.file);
    super(keys);
    this.#guard = new CallersGuard(keys);
    this.#seen = seen;
    this.#lookedAtMs = options.nowMs();
  }

  override admit(...[route, headers]: Parameters<CallersGuard['admit']>): string | null {
    this.#look();
    return this.#guard.admit(route, headers);
  }

  #look(): void {
    const { file, nowMs } = this.options;
    if (nowMs() - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs();
    const stamp = stampOf(file);
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    const keys = this.#read();
    if (keys !== null) this.#guard = new CallersGuard(keys);
  }

  #read(): readonly CallerKey[] | null {
    const { file, report } = this.options;
    try {
      const keys = readKeysFile(file);
      report.log(`${file} has changed: it holds the keys of ${keys.map(({ name }) => name).join(', ')} now.`);
      return keys;
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'it cannot be read';
      report.error(`${file} has changed and cannot be used, so the keys from before still hold: ${reason}`);
      return null;
    }
  }
}

/** Changes with every write, also with a rename within one tick of the clock. */
function stampOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    return 'none';
  }
}
