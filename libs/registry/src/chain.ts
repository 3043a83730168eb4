import { Candidate, Estimate, Refusal, Target } from '@longhaul/contract';
import { CatalogueEntry } from './entry';
import { estimateOf } from './estimate';
import { Policy } from './policy';
import { Question } from './question';
import { ChosenBy } from './rules';
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
  readonly candidate: Candidate;
}

/** A chain while it is built: every model that was looked at with its refusals, and the rungs, each target once. */
export class Chain {
  /** Models that were looked at and refused without being named here. */
  passedOver = 0;
  private readonly verdicts = new Map<string, Verdict>();
  private readonly taken = new Map<string, Rung>();

  constructor(
    private readonly policy: Pick<Policy, 'rules' | 'fallbackRules'>,
    private readonly question: Question,
  ) {}

  get rungs(): readonly Rung[] {
    return [...this.taken.values()];
  }

  /** Every model that was looked at: the chain's first, in its order. */
  get looked(): readonly Verdict[] {
    const inChain = [...this.taken.keys()].flatMap((name) => this.verdicts.get(name) ?? []);
    const others = [...this.verdicts.values()].filter(({ entry }) => !this.taken.has(entry.name));
    return [...inChain, ...others];
  }

  get candidates(): readonly Candidate[] {
    return this.looked.map(({ candidate }) => candidate);
  }

  /** Asks every rule about a model; true when none refused. What the caller names is judged anew, whoever proposed it. */
  judge({ entry, chosenBy }: Pick<Choice, 'entry' | 'chosenBy'>): boolean {
    const known = this.verdicts.get(entry.name);
    if (known !== undefined && chosenBy === 'policy') return known.candidate.eligible;
    return this.record(entry, this.refusals(entry, chosenBy));
  }

  /** The same with every reason. */
  verdictOf(choice: Pick<Choice, 'entry' | 'chosenBy'>): Candidate {
    return candidateOf(choice.entry, this.refusals(choice.entry, choice.chosenBy), this.question);
  }

  /** The same without keeping a refusal: for models that nobody asked about. */
  sift(entry: CatalogueEntry): boolean {
    const known = this.verdicts.get(entry.name);
    if (known !== undefined) return known.candidate.eligible;
    const refusals = this.refusals(entry, 'policy');
    if (refusals.length === 0) return this.record(entry, refusals);
    this.passedOver++;
    return false;
  }

  /** Judges a model and, when it may run and is not there yet, makes it the next rung. */
  offer(choice: Choice): boolean {
    const { entry } = choice;
    if (!this.judge(choice) || this.taken.has(entry.name)) return false;
    if (choice.chosenBy === 'policy' && !this.mayFollow(entry)) return false;
    this.taken.set(entry.name, {
      ...{ entry, target: entry.target, because: choice.because },
      estimate: estimateOf(entry, this.question.need),
      notes: [...choice.notes, ...this.notes(entry)],
      warnings: [...(choice.warnings ?? []), ...this.warnings(entry)],
    });
    return true;
  }

  private mayFollow(entry: CatalogueEntry): boolean {
    const [first] = this.rungs;
    if (first === undefined) return true;
    const context = { ...this.question, chosenBy: 'policy' } as const;
    const refusals = this.policy.fallbackRules.flatMap(({ name, refuse }) =>
      refusalOf(name, refuse(entry, first.entry, context)),
    );
    const verdict = this.verdicts.get(entry.name);
    if (verdict === undefined || refusals.length === 0) return refusals.length === 0;
    const candidate = { ...verdict.candidate, notAsFallback: refusals };
    this.verdicts.set(entry.name, { entry, candidate });
    return false;
  }

  private record(entry: CatalogueEntry, refusals: readonly Refusal[]): boolean {
    this.verdicts.set(entry.name, { entry, candidate: candidateOf(entry, refusals, this.question) });
    return refusals.length === 0;
  }

  private refusals(entry: CatalogueEntry, chosenBy: ChosenBy): readonly Refusal[] {
    const context = { ...this.question, chosenBy };
    return this.policy.rules.flatMap((rule) =>
      refusalOf(rule.name, rule.refuse(entry, this.question.need, context)),
    );
  }

  private warnings(entry: CatalogueEntry): string[] {
    return this.policy.rules.map((rule) => rule.warn?.(entry) ?? null).filter((warning) => warning !== null);
  }

  private notes(entry: CatalogueEntry): string[] {
    const unlisted = `${entry.name} is not in the catalogue: its id is passed on as written, its price is unknown.`;
    const notes = this.policy.rules.map((rule) => rule.note?.(entry, this.question.need) ?? null);
    return [entry.listed ? null : unlisted, ...notes].filter((note) => note !== null);
  }
}

const candidateOf = (entry: CatalogueEntry, refusals: readonly Refusal[], { need }: Question): Candidate => ({
  target: { provider: entry.target.provider, model: entry.target.model },
  eligible: refusals.length === 0,
  refusals,
  notAsFallback: [],
  estimate: estimateOf(entry, need),
});

const refusalOf = (rule: string, reason: string | null): Refusal[] =>
  reason === null ? [] : [{ rule, reason }];
