import {
  CallPhase,
  CallTrace,
  ChatAnswer,
  ChatEvent,
  ChatRequest,
  GatewayError,
  ProviderState,
  ToolCall,
  UpstreamLimits,
  Usage,
} from '@longhaul/contract';
import { CallClocks, Provider } from '@longhaul/providers';
import { isBoundedObject } from './kinds/chat/json-value';
import { STATE_BOUNDS } from './kinds/chat/messages';

export interface ModelCallOptions {
  readonly provider: Provider;
  readonly request: ChatRequest;
  /** What of the kind's request `request` says otherwise already; the dialect adds its own. */
  readonly adjustments?: readonly string[];
  readonly clocks: CallClocks;
  readonly signal: AbortSignal;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told once, when the answer begins. */
  readonly onFirstPiece: () => void;
  /** Told of every piece of the answer; must be cheap. */
  readonly onPiece: (charactersSoFar: number) => void;
}

/**
 * One upstream call: reads the stream to its end and keeps the trace, also of a call that fails, because the ledger
 * books those too.
 */
export class ModelCall {
  private phase: CallPhase = 'before_headers';
  private upstreamStatus: number | undefined;
  private upstreamRequestId: string | undefined;
  private firstTokenMs: number | undefined;
  private readonly startedMs: number;
  /** What the kind does with the answer is not part of the call. */
  private endedMs: number | null = null;
  private text = '';
  private reasoning = '';
  private readonly toolCalls: ToolCall[] = [];
  private adjustments: readonly string[];
  private limits: UpstreamLimits | undefined;
  usage: Usage | null = null;
  statedCostNanoUsd: number | null = null;

  constructor(private readonly options: ModelCallOptions) {
    this.startedMs = options.now();
    this.adjustments = options.adjustments ?? [];
  }

  /** @throws GatewayError, or the signal's own reason */
  async answer(): Promise<ChatAnswer> {
    const { provider, request, signal, clocks } = this.options;
    let end: Extract<ChatEvent, { type: 'end' }> | null = null;
    try {
      for await (const event of provider.stream(request, signal, clocks)) {
        if (event.type === 'end') end = event;
        else this.note(event);
      }
    } catch (thrown) {
      this.noteFailure(thrown);
      throw thrown;
    } finally {
      this.endedMs = this.options.now();
    }
    if (!end)
      throw new GatewayError(
        'stream_truncated',
        `${provider.name} ended the stream without its closing mark.`,
        { phase: this.phase },
      );
    this.usage = end.usage;
    this.statedCostNanoUsd = end.statedCostNanoUsd ?? null;
    return {
      text: this.text,
      reasoning: this.reasoning === '' ? null : this.reasoning,
      toolCalls: this.toolCalls,
      finishReason: end.finishReason,
      usage: end.usage,
      statedCostNanoUsd: this.statedCostNanoUsd,
      state: this.stateOf(end),
    };
  }

  get trace(): CallTrace {
    return {
      phase: this.phase,
      totalMs: Math.round((this.endedMs ?? this.options.now()) - this.startedMs),
      ...(this.upstreamStatus === undefined ? {} : { upstreamStatus: this.upstreamStatus }),
      ...(this.upstreamRequestId === undefined ? {} : { upstreamRequestId: this.upstreamRequestId }),
      ...(this.firstTokenMs === undefined ? {} : { firstTokenMs: this.firstTokenMs }),
      ...(this.adjustments.length === 0 ? {} : { adjustments: this.adjustments }),
      ...(this.limits === undefined ? {} : { limits: this.limits }),
    };
  }

  /** One beyond the bounds of the input is left out: nobody could send it back. */
  private stateOf({ state }: Extract<ChatEvent, { type: 'end' }>): ProviderState | null {
    if (state === undefined) return null;
    const { name } = this.options.provider;
    if (isBoundedObject(state, STATE_BOUNDS)) return { provider: name, data: state };
    this.adjustments = [
      ...this.adjustments,
      `What ${name} wants back with this answer is too large to be kept, and was left out: a conversation goes on without it.`,
    ];
    return null;
  }

  private note(event: Exclude<ChatEvent, { type: 'end' }>): void {
    switch (event.type) {
      case 'adjusted':
        this.adjustments = [...this.adjustments, ...event.notes];
        return;
      case 'headers':
        this.phase = 'before_first_token';
        this.upstreamStatus = event.upstreamStatus;
        this.upstreamRequestId = event.upstreamRequestId;
        this.limits = event.limits;
        return;
      case 'text':
        this.text += event.text;
        break;
      case 'reasoning':
        this.reasoning += event.text;
        break;
      case 'tool_call':
        this.toolCalls.push(event.call);
        break;
      default:
        event satisfies never;
    }
    this.phase = 'mid_answer';
    if (this.firstTokenMs === undefined) {
      this.firstTokenMs = Math.round(this.options.now() - this.startedMs);
      this.options.onFirstPiece();
    }
    this.options.onPiece(this.text.length + this.reasoning.length);
  }

  /** The dialect knows more than the events have told: a refusal carries its status and id. */
  private noteFailure(thrown: unknown): void {
    if (!(thrown instanceof GatewayError)) return;
    this.phase = thrown.detail.phase ?? this.phase;
    this.upstreamStatus = thrown.detail.upstreamStatus ?? this.upstreamStatus;
    this.upstreamRequestId = thrown.detail.upstreamRequestId ?? this.upstreamRequestId;
    this.limits = thrown.detail.limits ?? this.limits;
    this.usage = thrown.detail.usage ?? null;
    this.statedCostNanoUsd = thrown.detail.statedCostNanoUsd ?? null;
  }
}
