import { Candidate, Estimate, Refusal, Target } from '@longhaul/contract';
import { CatalogueEntry } from './entry';
import { estimateOf } from './estimate';
import { Policy } from './policy';
import { Question } from './question';
import { ChosenBy, RuleContext, healthy } from './rules';
import { Choice } from './steps';

export interface Rung {
  readonly entry: CatalogueEntry;
  readonly target: Target;
  readonly because: string;
  readonly estimate: Estimate;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** What was said of one model. */
export interface Verdict {
  readonly entry: CatalogueEntry;
  readonly refusals: readonly Refusal[];
  /** Why it follows no other model here. */
  readonly notAsFallback: readonly Refusal[];
}

const NOTHING: readonly Refusal[] = [];

/**
 * A chain while it is built: every model that was looked at with its refusals, and the rungs, each target once. Hundreds
 * of models pass through for each job, so what only the shown ones need is made last.
 */
export class Chain {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly taken = new Map<string, Rung>();
  private readonly beyond = new Set<string>();
  private readonly sifted = new Set<string>();
  /** Nothing speaks against them but an illness that passes. */
  private readonly ill = new Map<string, Verdict>();
  private isForgiving = false;
  private contexts: Readonly<Record<ChosenBy, RuleContext>>;

  /** @param mostRungs what would follow after so many is counted, not kept */
  constructor(
    private readonly policy: Pick<Policy, 'rules' | 'fallbackRules'>,
    private readonly question: Question,
    private readonly mostRungs: number,
  ) {
    this.contexts = {
      caller: { ...question, chosenBy: 'caller' },
      policy: { ...question, chosenBy: 'policy' },
    };
  }

  get rungs(): readonly Rung[] {
    return [...this.taken.values()];
  }

  /** Whether a model that is ill for now could stand in the chain, if that were forgiven. */
  get couldForgive(): boolean {
    return !this.isForgiving && this.ill.size > 0 && this.taken.size < this.mostRungs;
  }

  /** From now on an illness that passes is no reason to refuse: what is offered next stands behind all that is well. */
  forgive(): void {
    this.contexts = { ...this.contexts, policy: { ...this.contexts.policy, forgivesIllness: true } };
    for (const name of this.ill.keys()) {
      this.verdicts.delete(name);
      this.sifted.delete(name);
    }
    this.isForgiving = true;
  }

  /** How many more could have followed. */
  get cutOff(): number {
    return this.beyond.size;
  }

  /** How many models were looked at and refused without being named here. */
  get passedOver(): number {
    return [...this.sifted].filter((name) => !this.verdicts.has(name)).length;
  }

  /** Every model that was looked at: the chain's first, in its order. */
  get looked(): readonly Verdict[] {
    const inChain = [...this.taken.keys()].flatMap((name) => this.verdicts.get(name) ?? []);
    const others = [...this.verdicts.values()].filter(({ entry }) => !this.taken.has(entry.name));
    return [...inChain, ...others.map((verdict) => this.ill.get(verdict.entry.name) ?? verdict)];
  }

  /** Asks every rule about a model; true when none refused. What the caller names is judged anew, whoever proposed it. */
  judge({ entry, chosenBy }: Pick<Choice, 'entry' | 'chosenBy'>): boolean {
    const known = this.verdicts.get(entry.name);
    if (known !== undefined && chosenBy === 'policy') return known.refusals.length === 0;
    return this.record(entry, this.refusals(entry, chosenBy));
  }

  /** The same without keeping a refusal: for models that nobody asked about. */
  sift(entry: CatalogueEntry): boolean {
    const known = this.verdicts.get(entry.name);
    if (known !== undefined) return known.refusals.length === 0;
    const refusals = this.refusals(entry, 'policy');
    if (refusals.length === 0) return this.record(entry, refusals);
    this.sifted.add(entry.name);
    return false;
  }

  /** Judges a model and, when it may run and is not there yet, makes it the next rung. */
  offer(choice: Choice): boolean {
    const { entry } = choice;
    if (!this.judge(choice) || this.taken.has(entry.name)) return false;
    if (choice.chosenBy === 'policy' && !this.mayFollow(entry)) return false;
    if (this.taken.size >= this.mostRungs) {
      this.beyond.add(entry.name);
      return false;
    }
    this.taken.set(entry.name, {
      ...{ entry, target: entry.target, because: choice.because },
      estimate: estimateOf(entry, this.question.need),
      notes: [...choice.notes, ...this.notes(entry)],
      warnings: [...(choice.warnings ?? []), ...this.warnings(entry)],
    });
    return true;
  }

  /** A verdict as it is stored. */
  candidate({ entry, refusals, notAsFallback }: Verdict): Candidate {
    const { provider, model } = entry.target;
    return {
      target: { provider, model },
      eligible: refusals.length === 0,
      refusals,
      notAsFallback,
      estimate: estimateOf(entry, this.question.need),
    };
  }

  /** Judges a model of a chain that was decided before. @param first the chain's first target; null = it is gone */
  candidateOf(entry: CatalogueEntry, chosenBy: ChosenBy, first: CatalogueEntry | null): Candidate {
    const notAsFallback =
      chosenBy === 'caller' || first === null ? NOTHING : this.againstFallback(entry, first);
    return this.candidate({ entry, refusals: this.refusals(entry, chosenBy), notAsFallback });
  }

  private mayFollow(entry: CatalogueEntry): boolean {
    const [first] = this.taken.values();
    if (first === undefined) return true;
    const notAsFallback = this.againstFallback(entry, first.entry);
    if (notAsFallback.length === 0) return true;
    this.verdicts.set(entry.name, { entry, refusals: NOTHING, notAsFallback });
    return false;
  }

  private againstFallback(entry: CatalogueEntry, first: CatalogueEntry): readonly Refusal[] {
    return this.policy.fallbackRules.flatMap((rule) => {
      const reason = rule.refuse(entry, first, this.contexts.policy);
      return reason === null ? [] : [{ rule: rule.name, reason }];
    });
  }

  private record(entry: CatalogueEntry, refusals: readonly Refusal[]): boolean {
    this.verdicts.set(entry.name, { entry, refusals, notAsFallback: NOTHING });
    return refusals.length === 0;
  }

  private refusals(entry: CatalogueEntry, chosenBy: ChosenBy): readonly Refusal[] {
    const context = this.contexts[chosenBy];
    const refusals: Refusal[] = [];
    for (const rule of this.policy.rules) {
      const reason = rule.refuse(entry, this.question.need, context);
      if (reason !== null) refusals.push({ rule: rule.name, reason });
    }
    if (refusals.length === 1 && refusals[0]?.rule === healthy.name && this.isOnlyIll(entry))
      this.ill.set(entry.name, { entry, refusals, notAsFallback: NOTHING });
    return refusals.length === 0 ? NOTHING : refusals;
  }

  private isOnlyIll({ target }: CatalogueEntry): boolean {
    const { health } = this.question;
    return health.refusal(target) === null && (health.illness?.(target) ?? null) !== null;
  }

  private warnings(entry: CatalogueEntry): string[] {
    return this.policy.rules.map((rule) => rule.warn?.(entry) ?? null).filter((warning) => warning !== null);
  }

  private notes(entry: CatalogueEntry): string[] {
    const unlisted = `${entry.name} is not in the catalogue: its id is passed on as written, its price is unknown.`;
    const notes = this.policy.rules.map((rule) => rule.note?.(entry, this.question.need) ?? null);
    const illness = this.question.health.illness?.(entry.target) ?? null;
    return [entry.listed ? null : unlisted, illness, ...notes].filter((note) => note !== null);
  }
}
