import { EffectiveSetting } from './effective';
import { Origin } from './settings';

/** What one load has to say besides the values: warnings for the boot log, and where each value came from. */
export class LoadNotes {
  readonly warnings: string[] = [];
  readonly origins: Record<string, Origin> = {};
  private readonly rows = new Map<string, EffectiveSetting>();

  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }

  /** A setting that has a variable. */
  record(setting: EffectiveSetting): void {
    this.origins[setting.name] = setting.origin;
    this.recordOther(setting);
  }

  /** A setting that stands in a file only, or a key. */
  recordOther(setting: EffectiveSetting): void {
    this.rows.set(setting.name, setting);
  }

  get effective(): readonly EffectiveSetting[] {
    return [...this.rows.values()];
  }
}
