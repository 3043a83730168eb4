import { BindingLimit, Decision, Limits, Need, RouteRequest } from '@longhaul/contract';
import { Assumptions, ask } from './ask';
import { Chain, Rung } from './chain';
import { CatalogueEntry } from './entry';
import { Order } from './orders';
import { Question } from './question';
import { Ranked, rankBy } from './ranking';
import { Wanted, resolveFallbacks, resolveRequest } from './resolve';
import { RegistryState } from './state';
import { Choice, proposed } from './steps';

/** No chain is longer, whatever `MAX_RUNGS` says. */
const HARD_MAX_RUNGS = 9;
/** A decision is stored with every job, so it must stay small. */
const MOST_CANDIDATES = 100;

export interface RoutingAsked {
  readonly need: Need;
  readonly request: RouteRequest;
  readonly assumed: Assumptions;
  readonly degraded: Decision['degraded'];
}

/** One question on its way to an answer: what was asked for, what is proposed, what the rules say of it. */
export class Routing {
  readonly wanted: Wanted;
  readonly chain: Chain;
  private readonly question: Question;
  private readonly orders: readonly Order[];
  private readonly notes: string[] = [];

  /** @throws GatewayError model_not_found, invalid_request, no_route */
  constructor(
    private readonly state: RegistryState,
    private readonly asked: RoutingAsked,
  ) {
    const { need, request, assumed } = asked;
    const { policy } = state;
    this.question = ask(state, need, { request, assumed });
    this.wanted = resolveRequest(state, request, this.question.tier);
    this.orders = policy.orders(this.question);
    this.chain = new Chain(policy, this.question, this.maxRungs);
    this.build(request.fallbacks === undefined ? null : resolveFallbacks(state, request.fallbacks, request));
  }

  /** The chain as far as the limits let it go. */
  get rungs(): readonly Rung[] {
    return this.chain.rungs;
  }

  get tier(): Question['tier'] {
    return this.question.tier;
  }

  /** Everything about the answer but its first step. */
  reasons(): Omit<Decision, 'decidedBy'> {
    const { need, request, degraded } = this.asked;
    const { policy, config } = this.state;
    const { chain } = this;
    const { looked, passedOver } = chain;
    const shown = looked.slice(0, MOST_CANDIDATES);
    return {
      requested: {
        model: request.model ?? 'auto',
        provider: request.provider ?? null,
        fallbacks: request.fallbacks ?? null,
        routing: request.routing ?? null,
      },
      policy: policy.name,
      config,
      ...{ tier: this.question.tier, degraded, need },
      chain: this.rungs.map(({ entry, target: { provider, model }, because, estimate }) => {
        return { provider, model, because, estimate, retryAttempts: entry.provider.retryAttempts };
      }),
      rules: policy.rules.map(({ name }) => name),
      order: this.orderNames(),
      candidates: shown.map((verdict) => chain.candidate(verdict)),
      omittedCandidates: passedOver + looked.length - shown.length,
      notes: this.allNotes(),
      warnings: this.rungs.flatMap((rung) => rung.warnings),
      limits: this.limits,
    };
  }

  private get maxRungs(): number {
    const { maxRungs, maxCallsPerJob } = this.state.settings.limits;
    return Math.max(1, Math.min(maxRungs, maxCallsPerJob, HARD_MAX_RUNGS));
  }

  private get limits(): Limits {
    const { retryAttempts, maxCallsPerJob: maxCalls } = this.state.settings.limits;
    return { maxRungs: this.maxRungs, maxCalls, retryAttempts, binding: this.bindingUnder(maxCalls) };
  }

  private bindingUnder(maxCalls: number): BindingLimit {
    const calls = this.rungs.reduce((sum, { entry }) => sum + 1 + entry.provider.retryAttempts, 0);
    if (calls > maxCalls) return 'max_calls';
    if (this.chain.cutOff === 0) return 'chain';
    return this.rungs.length < maxCalls ? 'max_rungs' : 'max_calls';
  }

  private build(fallbacks: readonly Choice[] | null): void {
    const first = this.offerAll(fallbacks);
    if (!this.chain.couldForgive) return;
    this.chain.forgive();
    // A passing illness costs a job no rung, and no answer where nothing else is left: the claim holds it.
    if (first !== null) this.followUnlessTold(first, fallbacks);
    else {
      this.notes.length = 0;
      this.offerAll(fallbacks);
    }
  }

  private offerAll(fallbacks: readonly Choice[] | null): CatalogueEntry | null {
    const first = this.offerFirst(fallbacks);
    for (const choice of fallbacks ?? []) this.chain.offer(choice);
    if (first !== null) this.followUnlessTold(first, fallbacks);
    return first;
  }

  /** The caller's own list of fallbacks is the whole of it. */
  private followUnlessTold(first: CatalogueEntry, fallbacks: readonly Choice[] | null): void {
    if (fallbacks === null && this.state.settings.policy.routerEnabled) this.follow(first);
  }

  /** Before the caller's fallbacks: a model that only the caller may choose must not become the policy's first choice. */
  private offerFirst(fallbacks: readonly Choice[] | null): CatalogueEntry | null {
    const { wanted, chain } = this;
    if (wanted.by === 'name') return chain.offer(wanted.choice) ? wanted.choice.entry : null;
    if (wanted.by === 'policy') this.noteEmptyTier();
    const choices = wanted.by === 'tier' ? this.ofTier(wanted.targets) : this.ofAll();
    const first = choices.find((choice) => chain.offer(choice));
    if (first === undefined && fallbacks === null) this.offerDefaults();
    return first?.entry ?? this.chain.rungs[0]?.entry ?? null;
  }

  /** In the tier's own order, but for the providers that the caller prefers. */
  private ofTier(targets: readonly CatalogueEntry[]): Choice[] {
    const { preferred } = this.question;
    const place = ({ provider }: CatalogueEntry): number => {
      const found = preferred.indexOf(provider.name);
      return found < 0 ? preferred.length : found;
    };
    const sorted = [...targets].sort((left, right) => place(left) - place(right));
    const eligible = sorted.filter((entry) => this.chain.judge({ entry, chosenBy: 'policy' }));
    this.noteSkippedTargets(sorted, eligible[0]);
    return eligible.map((entry) => proposed(entry, 'tier'));
  }

  private noteSkippedTargets(targets: readonly CatalogueEntry[], first: CatalogueEntry | undefined): void {
    const skipped = first === undefined ? targets : targets.slice(0, targets.indexOf(first));
    if (skipped.length === 0 || this.question.tier === null) return;
    const names = skipped.map(({ name }) => name).join(', ');
    const went = first === undefined ? 'has no target left' : 'went on to its next target';
    const verb = skipped.length === 1 ? 'was' : 'were';
    this.notes.push(`The tier ${this.question.tier.tier} ${went}: ${names} ${verb} refused.`);
  }

  private noteEmptyTier(): void {
    const { tier } = this.question;
    if (tier === null || tier.cause === 'no_signal') return;
    this.notes.push(`TIER_${tier.tier.toUpperCase()} names no target, so the ranking decided.`);
  }

  private ofAll(): Choice[] {
    const { chain, question } = this;
    const eligible = question.catalogue.entries.filter((entry) => chain.judge({ entry, chosenBy: 'policy' }));
    return this.ranked(eligible).map(({ entry, because }) => proposed(entry, because));
  }

  /** What follows where the caller did not say: the provider's order, the same model elsewhere, the policy's order, the defaults. */
  private follow(first: CatalogueEntry): void {
    const { chain, question } = this;
    const { catalogue, lists, tier } = question;
    const configured = first.provider.fallbackOrder.map((name) => catalogue.configured(first.provider, name));
    for (const entry of configured) if (entry !== null) chain.offer(proposed(entry, 'fallback_order'));
    for (const { entry } of this.ranked(catalogue.equals(first))) chain.offer(proposed(entry, 'same_model'));
    const rest = this.wanted.by === 'tier' && tier !== null ? lists.tier(tier.tier) : [];
    for (const entry of rest) chain.offer(proposed(entry, 'tier'));
    const remaining = this.ranked(catalogue.entries.filter((entry) => chain.sift(entry)));
    for (const { entry, because } of remaining) chain.offer(proposed(entry, because));
    this.offerDefaults();
  }

  private offerDefaults(): void {
    for (const entry of this.question.lists.defaults) this.chain.offer(proposed(entry, 'default_model'));
  }

  private ranked(entries: readonly CatalogueEntry[]): Ranked[] {
    return rankBy(this.orders, entries, this.question);
  }

  private budgetNotes(): string[] {
    const budget = this.asked.request.routing?.signals?.budgetRemaining;
    const [first] = this.rungs;
    if (budget === undefined || first === undefined) return [];
    const tokens = first.estimate.inputTokens + first.estimate.outputTokens;
    if (tokens <= budget) return [];
    return [`One call may take ${String(tokens)} tokens, and budget_remaining is ${String(budget)}.`];
  }

  private orderNames(): string[] {
    return [...this.orders.map(({ name }) => name), 'name'];
  }

  private allNotes(): string[] {
    const { rungs, wanted, chain } = this;
    const notes = [...this.notes, ...rungs.flatMap((rung) => rung.notes)];
    const [first] = rungs;
    if (wanted.by === 'name' && first !== undefined && wanted.choice.entry.name !== first.entry.name) {
      const name = wanted.choice.entry.name;
      notes.unshift(`${name} was asked for and refused; ${first.entry.name} is the caller's fallback.`);
    }
    notes.push(...this.budgetNotes());
    const { cutOff } = chain;
    if (cutOff > 0) notes.push(`The chain was cut to ${rungs.length}; ${cutOff} more could have followed.`);
    return notes;
  }
}
