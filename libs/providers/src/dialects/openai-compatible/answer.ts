import { ChatEvent, ErrorDetail, FinishReason, GatewayError, Usage } from '@longhaul/contract';
import { isObject, JsonObject, objectAt } from '../../json';
import { refusalOf } from '../../refusal';
import { Reading } from '../../wire';
import { Quirks } from './quirks';
import { Thoughts } from './thoughts';
import { ToolCalls } from './tool-calls';
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

/** An answer came of a prompt, so neither took no tokens: a server that says so counts nothing. */
const hasCounted = ({ freshInput, cacheRead, cacheWrite, output }: Usage): boolean =>
  freshInput + cacheRead + cacheWrite > 0 && output > 0;

export interface AnswerOptions extends Reading {
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
  private readonly thoughts: Thoughts;
  private readonly toolCalls: ToolCalls;

  constructor(private readonly options: AnswerOptions) {
    const { quirks, request } = options;
    this.thoughts = new Thoughts(quirks.echo);
    const made = request.messages.flatMap(({ toolCalls = [] }) => toolCalls);
    this.toolCalls = new ToolCalls(new Set(made.map(({ id }) => id)));
  }

  /** Text and reasoning of one object of the wire, in order; reasoning comes first, as models give it. Tells the clocks. */
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
  end(): ChatEvent[] {
    const { finishWord } = this;
    if (!this.hasChoice) throw this.failure('malformed_response', { words: ['no_choices'] });
    if (finishWord === 'model_context_window_exceeded') throw this.failure('context_overflow');
    const stated = FINISH[finishWord ?? ''] ?? 'unknown';
    const isCutShort = stated === 'length' || stated === 'content_filter';
    const calls = this.toolCalls.whole(isCutShort);
    if (calls === null) throw this.failure('malformed_response', { words: ['tool_arguments'] });
    if (!this.hasText && calls.length === 0) throw this.withoutText(stated);
    // A claim of calls that did not come would leave the caller waiting for them.
    if (stated === 'tool_calls' && calls.length === 0)
      throw this.failure('malformed_response', { words: ['no_tool_calls'] });
    const { state } = this.thoughts;
    const end: ChatEvent = {
      type: 'end',
      // Not everybody who calls tools says so.
      finishReason: calls.length > 0 && !isCutShort ? 'tool_calls' : stated,
      usage: this.usage !== null && hasCounted(this.usage) ? this.usage : null,
      ...(this.costNanoUsd === undefined ? {} : { statedCostNanoUsd: this.costNanoUsd }),
      ...(state === undefined ? {} : { state }),
    };
    return [...calls.map((call) => ({ type: 'tool_call', call }) as const), end];
  }

  /** A failed answer was paid for all the same. */
  get spent(): ErrorDetail {
    return {
      ...(this.usage === null ? {} : { usage: this.usage }),
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
    const stated = textOf(part['reasoning_content']) || textOf(part['reasoning']);
    const reasoning = this.thoughts.take(part, stated);
    const text = textOf(part['content']);
    this.hasText ||= text.trim() !== '';
    this.hasRefusal ||= textOf(part['refusal']) !== '';
    const hasToolPiece = this.toolCalls.take(part);
    if (hasToolPiece || text !== '' || reasoning !== '') this.options.call.clocks.token();
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
      this.spent,
    );
  }

  private failure(
    code: GatewayError['code'],
    { words = [] }: { words?: readonly string[] } = {},
  ): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code, words, detail: this.spent });
  }
}
