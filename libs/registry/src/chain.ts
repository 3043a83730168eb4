import { Candidate, HealthPort, Need, Target } from '@longhaul/contract';
import { PolicySettings } from '@longhaul/settings';
import { CatalogueEntry, entryName } from './entry';
import { Rule } from './rules';
import { Choice } from './steps';

export interface Judging {
  readonly need: Need;
  readonly rules: readonly Rule[];
  readonly settings: PolicySettings;
  readonly health: HealthPort;
}

export interface Rung {
  readonly target: Target;
  readonly because: string;
  readonly notes: readonly string[];
}

/** What was said of one model. */
export interface Verdict {
  readonly entry: CatalogueEntry;
  readonly candidate: Candidate;
}

/** A chain while it is built: every model that was looked at with its refusals, and the rungs, each target once. */
export class Chain {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly taken = new Map<string, Rung>();

  constructor(private readonly judging: Judging) {}

  get rungs(): readonly Rung[] {
    return [...this.taken.values()];
  }

  get candidates(): readonly Candidate[] {
    return this.looked.map(({ candidate }) => candidate);
  }

  /** The models behind the candidates, in the same order. */
  get entries(): readonly CatalogueEntry[] {
    return this.looked.map(({ entry }) => entry);
  }

  /** Every model that was looked at, in order. */
  get looked(): readonly Verdict[] {
    return [...this.verdicts.values()];
  }

  /** Asks every rule about a model; true when none refused. What the caller names is judged anew, whoever proposed it. */
  judge(choice: Choice): boolean {
    const name = entryName(choice.entry);
    const known = this.verdicts.get(name);
    if (known !== undefined && choice.chosenBy === 'policy') return known.candidate.eligible;
    const refusals = this.refusals(choice);
    const target = { provider: choice.entry.target.provider, model: choice.entry.target.model };
    const candidate = { target, eligible: refusals.length === 0, refusals };
    this.verdicts.set(name, { entry: choice.entry, candidate });
    return candidate.eligible;
  }

  /** Judges a model and, when it may run and is not there yet, makes it the next rung. */
  offer(choice: Choice): boolean {
    const isEligible = this.judge(choice);
    const name = entryName(choice.entry);
    if (!isEligible || this.taken.has(name)) return false;
    const notes = [...choice.notes, ...this.notes(choice.entry)];
    this.taken.set(name, { target: choice.entry.target, because: choice.because, notes });
    return true;
  }

  private refusals(choice: Choice): Candidate['refusals'] {
    const { need, rules, settings, health } = this.judging;
    const context = { chosenBy: choice.chosenBy, settings, health };
    return rules.flatMap((rule) => {
      const reason = rule.refuse(choice.entry, need, context);
      return reason === null ? [] : [{ rule: rule.name, reason }];
    });
  }

  private notes(entry: CatalogueEntry): string[] {
    const unlisted = `${entryName(entry)} is not in the catalogue: its id is passed on as written, its price is unknown.`;
    const notes = this.judging.rules.map((rule) => rule.note?.(entry, this.judging.need) ?? null);
    return [entry.listed ? null : unlisted, ...notes].filter((note) => note !== null);
  }
}
