import { ChatEvent, ErrorDetail, FinishReason, GatewayError, Usage } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { LiveCall } from '../../live-call';
import { refusalOf } from '../../refusal';
import { isObject, JsonObject, objectAt } from '../../json';
import { Quirks } from './quirks';
import { statedCostNanoUsd, usageOf } from './usage';

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  content_filter: 'content_filter',
  // GLM's word.
  sensitive: 'content_filter',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
};
const FAILED = new Set(['error', 'network_error']);

/** Plain text, or OpenAI's list of parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((piece: unknown) => (isObject(piece) ? textOf(piece['text']) : '')).join('');
}

export interface AnswerOptions {
  readonly call: LiveCall;
  readonly settings: ProviderSettings;
  readonly quirks: Quirks;
}

/** Puts one answer together from stream chunks, or from one whole chat.completion. */
export class Answer {
  private hasChoice = false;
  private hasText = false;
  private hasRefusal = false;
  private finishWord: string | null = null;
  private usage: Usage | null = null;
  private costNanoUsd: number | undefined;

  constructor(private readonly options: AnswerOptions) {}

  /** Text and reasoning of one object of the wire, in order; reasoning comes first, as models give it. */
  take(body: JsonObject): ChatEvent[] {
    const choice = this.choiceOf(body);
    this.noteUsage(body['usage'] ?? choice?.['usage']);
    if (choice === undefined) return [];
    this.hasChoice = true;
    const finish = choice['finish_reason'];
    if (typeof finish === 'string' && finish !== '') this.finishWord = finish.toLowerCase();
    if (this.finishWord !== null && FAILED.has(this.finishWord)) {
      throw this.failure('upstream_error', { words: [this.finishWord] });
    }
    return this.piecesOf(isObject(choice['delta']) ? choice['delta'] : objectAt(choice, 'message'));
  }

  /** The closing mark is here: the end of a good answer, or the reason why it is none. */
  end(): ChatEvent {
    const { finishWord, hasText } = this;
    if (!this.hasChoice) throw this.failure('malformed_response', { words: ['no_choices'] });
    if (finishWord === 'model_context_window_exceeded') throw this.failure('context_overflow');
    const finishReason = FINISH[finishWord ?? ''] ?? 'unknown';
    if (!hasText) throw this.withoutText(finishReason);
    return {
      type: 'end',
      finishReason,
      usage: this.usage,
      ...(this.costNanoUsd === undefined ? {} : { statedCostNanoUsd: this.costNanoUsd }),
    };
  }

  private choiceOf(body: JsonObject): JsonObject | undefined {
    const choices: unknown = body['choices'];
    if (!Array.isArray(choices)) return undefined;
    // One answer was asked for; whatever else comes is not ours.
    return choices.filter(isObject).find(({ index }) => index === undefined || index === null || index === 0);
  }

  private noteUsage(wire: unknown): void {
    // Some send it with every chunk, growing: the last one counts, and one that is garbage counts as none.
    if (!isObject(wire)) return;
    this.usage = usageOf(wire);
    this.costNanoUsd = this.options.quirks.statesCost ? statedCostNanoUsd(wire) : undefined;
  }

  private piecesOf(part: JsonObject): ChatEvent[] {
    const reasoning = textOf(part['reasoning_content']) || textOf(part['reasoning']);
    const text = textOf(part['content']);
    this.hasText ||= text.trim() !== '';
    this.hasRefusal ||= textOf(part['refusal']) !== '';
    return [
      ...(reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning } as const]),
      ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ];
  }

  private withoutText(finishReason: FinishReason): GatewayError {
    const words = this.finishWord === null ? [] : [this.finishWord];
    if (finishReason === 'content_filter' || this.hasRefusal) {
      return this.failure('content_filtered', { words });
    }
    if (finishReason === 'length') return this.failure('output_starved', { words });
    const { call } = this.options;
    const thought = this.usage?.reasoning ?? 0;
    return call.fault(
      'empty_output',
      `${call.name} ended its answer without any text, after ${String(thought)} reasoning tokens ` +
        `(${['finish reason', ...call.safeWords(words)].join(' ') + (words.length === 0 ? ' not given' : '')}). ` +
        `Try again, or use another model.`,
      this.spent(),
    );
  }

  private failure(
    code: GatewayError['code'],
    { words = [] }: { words?: readonly string[] } = {},
  ): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code, words, detail: this.spent() });
  }

  /** A failed answer was paid for all the same. */
  private spent(): ErrorDetail {
    return {
      ...(this.usage === null ? {} : { usage: this.usage }),
      ...(this.costNanoUsd === undefined ? {} : { statedCostNanoUsd: this.costNanoUsd }),
    };
  }
}
