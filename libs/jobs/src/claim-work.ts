import { GatewayError, ModelTraits, Need, Target } from '@longhaul/contract';
import { CallClocks, ProviderCatalogue } from '@longhaul/providers';
import { JobRow } from '@longhaul/records';
import { budgetFor, Terms, withOwnState } from './call-terms';
import { CallRequest, JobKind, KindContext, KindResult } from './kinds/kind';
import { ModelCall } from './model-call';
import { Pulse } from './pulse';

export interface ClaimWorkParts {
  readonly providers: ProviderCatalogue;
  readonly clocksOf: (provider: string) => CallClocks;
  /** Null for a model that the catalogue does not list. */
  readonly traitsOf: (target: Target) => ModelTraits | null;
  readonly kind: JobKind;
  readonly now: () => number;
  readonly pulse: Pulse;
  readonly onFirstPiece: () => void;
}

/** One claim at work: the kind runs with one call to the claim's target. */
export class ClaimWork implements KindContext {
  readonly target: Target;
  private readonly need: Need;
  private modelCall: ModelCall | null = null;

  constructor(
    readonly job: JobRow,
    private readonly parts: ClaimWorkParts,
    private readonly signal: AbortSignal,
  ) {
    const target = job.chain[job.position];
    if (!target)
      throw new GatewayError(
        'internal',
        `Job ${job.id} stands at rung ${String(job.position)} of a shorter chain.`,
      );
    this.target = target;
    this.need = parts.kind.need(job.input);
  }

  /** @throws whatever ended it: a GatewayError, or the signal's reason */
  async run(): Promise<KindResult> {
    return this.parts.kind.run(this.job.input, this);
  }

  /** The one call, once it was made. */
  get made(): ModelCall | null {
    return this.modelCall;
  }

  get outputBudget(): number {
    return this.budget({}).value;
  }

  async call(request: CallRequest): ReturnType<KindContext['call']> {
    if (this.modelCall)
      throw new GatewayError('internal', `A ${this.job.type} job made a second call in one claim.`);
    // Cancelled, or lost, since the claim: what is not begun costs nothing.
    this.signal.throwIfAborted();
    const provider = this.parts.providers.get(this.target.provider);
    const budget = this.budget(request);
    const messages = withOwnState(request.messages, this.target.provider);
    this.modelCall = new ModelCall({
      provider,
      request: {
        ...request,
        model: this.target.model,
        traits: this.parts.traitsOf(this.target),
        messages: messages.value,
        inputTokens: this.need.inputTokens,
        maxOutputTokens: budget.value,
      },
      adjustments: [...budget.notes, ...messages.notes],
      clocks: this.clocks(),
      signal: this.signal,
      now: this.parts.now,
      onFirstPiece: this.parts.onFirstPiece,
      onPiece: (characters) => {
        this.parts.pulse.heard(characters);
      },
    });
    this.parts.pulse.call();
    const answer = await this.modelCall.answer();
    this.parts.pulse.answered(answer.usage?.output ?? null);
    return answer;
  }

  progress(message: string, percent?: number): void {
    this.parts.pulse.say(message, percent);
  }

  private budget({ maxOutputTokens }: Pick<CallRequest, 'maxOutputTokens'>): Terms<number> {
    return budgetFor({
      wanted: this.need.outputTokens,
      isStated: maxOutputTokens !== undefined,
      enlarged: this.job.outputBudget,
      target: this.target,
    });
  }

  /** A job's own `timeout_s` may shorten the total clock, never lengthen it. */
  private clocks(): CallClocks {
    const clocks = this.parts.clocksOf(this.target.provider);
    return { ...clocks, totalMs: Math.min(clocks.totalMs, this.job.timeoutMs ?? clocks.totalMs) };
  }
}
