import { ChatEvent, ErrorCode, ErrorDetail, FinishReason, GatewayError, Usage } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { isObject, JsonObject, objectAt, parseJson } from '../../json';
import { LiveCall } from '../../live-call';
import { refusalOf } from '../../refusal';
import { KeptBlock, thoughtsToState } from './thoughts';
import { usageOf } from './usage';

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  // The window ended before the output limit did.
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
  // pause_turn stays unknown: only the provider's own tools cause it, and none is asked for.
};

interface Block {
  readonly type: string;
  /** Thoughts, or the arguments of a call, as far as they came; of a text only how long it is, since it is given on. */
  written: string;
  length: number;
  signature: string;
  readonly opening: JsonObject;
}

export interface AnswerOptions {
  readonly call: LiveCall;
  readonly settings: ProviderSettings;
  readonly model: string;
}

const textAt = (holder: JsonObject, member: string): string => {
  const text = holder[member];
  return typeof text === 'string' ? text : '';
};

/** Puts one answer together from the events of a stream, or from one whole message. */
export class Answer {
  private readonly blocks = new Map<number, Block>();
  /** The arguments of a call are no JSON: cut, or so written. The stop reason tells. */
  private isDoubtful = false;
  private hasStarted = false;
  private hasText = false;
  private hasCall = false;
  private stopReason: string | null = null;
  private refusedFor: string[] = [];
  private opening: unknown;
  private closing: unknown;

  constructor(private readonly options: AnswerOptions) {}

  /** One event of the stream; a kind that is not known says nothing. */
  take(event: JsonObject): ChatEvent[] {
    const { index } = event;
    const at = typeof index === 'number' ? index : 0;
    switch (event['type']) {
      case 'message_start':
        this.hasStarted = true;
        this.opening = objectAt(event, 'message')['usage'];
        return [];
      case 'content_block_start':
        return this.start(at, objectAt(event, 'content_block'));
      case 'content_block_delta':
        return this.add(at, objectAt(event, 'delta'));
      case 'content_block_stop':
        return this.stop(at);
      case 'message_delta':
        this.settle(objectAt(event, 'delta'), event['usage']);
        return [];
      default:
        return [];
    }
  }

  /** A whole message, from servers that ignore `stream`. */
  takeWhole(message: JsonObject): ChatEvent[] {
    const content: unknown = message['content'];
    if (!Array.isArray(content)) return [];
    this.hasStarted = true;
    const blocks = content.filter(isObject);
    const events = blocks.flatMap((block, index) => [...this.start(index, block), ...this.stop(index)]);
    this.settle(message, message['usage']);
    return events;
  }

  /** The closing mark is here: what is left of a good answer and its end, or the reason why it is none. */
  end(): ChatEvent[] {
    if (!this.hasStarted) throw this.failure('malformed_response', ['no_message']);
    const finishReason = FINISH[this.stopReason ?? ''] ?? 'unknown';
    const isCut = finishReason === 'length' || finishReason === 'content_filter';
    if (this.isDoubtful && !isCut) throw this.failure('malformed_response', ['tool_arguments']);
    if (!this.hasText && !this.hasCall) throw this.withoutAnswer(finishReason);
    const state = thoughtsToState(this.options.model, this.kept());
    return [{ type: 'end', finishReason, usage: this.usage, ...(state === undefined ? {} : { state }) }];
  }

  private get usage(): Usage | null {
    return usageOf(this.opening, this.closing);
  }

  private start(index: number, opening: JsonObject): ChatEvent[] {
    const type = textAt(opening, 'type');
    const block = { type, written: '', length: 0, signature: textAt(opening, 'signature'), opening };
    this.blocks.set(index, block);
    if (type === 'text') return this.write(block, textAt(opening, 'text'));
    if (type === 'thinking') return this.write(block, textAt(opening, 'thinking'));
    if (type === 'redacted_thinking') this.options.call.clocks.token();
    return [];
  }

  private add(index: number, delta: JsonObject): ChatEvent[] {
    const block = this.blocks.get(index);
    if (block === undefined) throw this.failure('malformed_response', ['no_block']);
    switch (delta['type']) {
      case 'text_delta':
        return this.write(block, textAt(delta, 'text'));
      case 'thinking_delta':
        return this.write(block, textAt(delta, 'thinking'));
      case 'input_json_delta':
        return this.write(block, textAt(delta, 'partial_json'));
      case 'signature_delta':
        block.signature += textAt(delta, 'signature');
        this.options.call.clocks.token();
        return [];
      default:
        return [];
    }
  }

  private write(block: Block, text: string): ChatEvent[] {
    if (text === '') return [];
    block.length += text.length;
    if (block.type !== 'text') block.written += text;
    this.options.call.clocks.token();
    if (block.type === 'thinking') return [{ type: 'reasoning', text }];
    if (block.type !== 'text') return [];
    this.hasText ||= text.trim() !== '';
    return [{ type: 'text', text }];
  }

  private stop(index: number): ChatEvent[] {
    const block = this.blocks.get(index);
    if (block?.type !== 'tool_use') return [];
    if (block.written !== '' && !isObject(parseJson(block.written))) {
      this.isDoubtful = true;
      return [];
    }
    return this.callOf(block);
  }

  private callOf({ opening, written }: Block): ChatEvent[] {
    const id = textAt(opening, 'id');
    const name = textAt(opening, 'name');
    if (id === '' || name === '') throw this.failure('malformed_response', ['tool_use']);
    this.hasCall = true;
    const whole = written === '' ? JSON.stringify(objectAt(opening, 'input')) : written;
    return [{ type: 'tool_call', call: { id, name, arguments: whole } }];
  }

  private settle(stop: JsonObject, usage: unknown): void {
    this.stopReason = textAt(stop, 'stop_reason') || this.stopReason;
    const category = textAt(objectAt(stop, 'stop_details'), 'category');
    if (category !== '') this.refusedFor = [category];
    this.closing = usage ?? this.closing;
  }

  private kept(): KeptBlock[] {
    const inOrder = [...this.blocks].sort(([left], [right]) => left - right);
    return inOrder.flatMap(([, block]) => keptBlock(block));
  }

  private withoutAnswer(finishReason: FinishReason): GatewayError {
    const words = this.stopReason === null ? [] : [this.stopReason, ...this.refusedFor];
    if (finishReason === 'content_filter') return this.failure('content_filtered', words);
    if (this.stopReason === 'model_context_window_exceeded') return this.failure('context_overflow', words);
    if (finishReason === 'length') return this.failure('output_starved', words);
    const { call } = this.options;
    const thought = this.usage?.reasoning ?? 0;
    return call.fault(
      'empty_output',
      `${call.name} ended its answer without any text, after ${String(thought)} reasoning tokens ` +
        `(${['stop reason', ...call.safeWords(words)].join(' ') + (words.length === 0 ? ' not given' : '')}). ` +
        `Try again, or use another model.`,
      this.spent,
    );
  }

  private failure(code: ErrorCode, words: readonly string[]): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code, words, detail: this.spent });
  }

  /** A failed answer was paid for all the same. */
  get spent(): ErrorDetail {
    const { usage } = this;
    return usage === null ? {} : { usage };
  }
}

function keptBlock({ type, written, length, signature, opening }: Block): KeptBlock[] {
  if (type === 'text') return [{ type, length }];
  if (type === 'tool_use') return [{ type, id: textAt(opening, 'id') }];
  if (type === 'redacted_thinking') return [{ type, data: textAt(opening, 'data') }];
  // Without its signature a thought is refused when it comes back.
  return type === 'thinking' && signature !== '' ? [{ type, thinking: written, signature }] : [];
}
