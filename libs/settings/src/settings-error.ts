/** Where a fault stands: a file with its line, or the variable at fault. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
}

/**
 * A configuration that cannot be used. It stops the boot, so the message alone must be enough: place, problem, fix.
 * It names variables, keys and files; it never repeats a value that could be a key.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly file: string | null;
  readonly line: number | null;

  constructor(problem: string, fix: string, place: Place = {}) {
    const where = [place.file, place.line].filter((part) => part !== undefined).join(':');
    super(`${where === '' ? '' : `${where}: `}${problem}. ${fix}`);
    this.file = place.file ?? null;
    this.line = place.line ?? null;
  }
}
