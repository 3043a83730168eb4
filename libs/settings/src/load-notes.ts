import { Origin } from './settings';

/** What one load has to say besides the values: warnings for the boot log, and where each value came from. */
export class LoadNotes {
  readonly warnings: string[] = [];
  readonly origins: Record<string, Origin> = {};

  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }

  origin(variable: string, origin: Origin): void {
    this.origins[variable] = origin;
  }
}
