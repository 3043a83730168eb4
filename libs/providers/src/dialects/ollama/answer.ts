import {
  ChatEvent,
  ChatRequest,
  ErrorCode,
  ErrorDetail,
  FinishReason,
  GatewayError,
  Usage,
} from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { isObject, JsonObject, objectAt, parseJson } from '../../json';
import { LiveCall } from '../../live-call';
import { refusalOf } from '../../refusal';
import { outputTokensOf, promptTokensOf, usageOf } from './usage';
import { hasLostPrompt, leastTokens, windowOf } from './window';

const FINISH: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' };
/** The model was loaded or taken out of memory: that is no answer. */
const NO_ANSWERS = new Set(['load', 'unload']);

export interface AnswerOptions {
  readonly call: LiveCall;
  readonly settings: ProviderSettings;
  readonly request: ChatRequest;
}

const textAt = (holder: JsonObject, member: string): string => {
  const text = holder[member];
  return typeof text === 'string' ? text : '';
};

/** Puts one answer together from the lines of a stream; a whole answer is one line. */
export class Answer {
  private thinking = '';
  private hasText = false;
  private calls = 0;
  private usage: Usage | null = null;

  constructor(private readonly options: AnswerOptions) {}

  /** What one line says, in order; reasoning comes first, as models give it. */
  take(line: JsonObject): ChatEvent[] {
    if (!isObject(line['message'])) {
      if (line['done'] === true) return [];
      throw this.failure('malformed_response', ['no_message']);
    }
    const message = line['message'];
    const reasoning = textAt(message, 'thinking');
    const text = textAt(message, 'content');
    this.thinking += reasoning;
    this.hasText ||= text.trim() !== '';
    const events: ChatEvent[] = [
      ...(reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning } as const]),
      ...(text === '' ? [] : [{ type: 'text', text } as const]),
      ...this.callsOf(message['tool_calls']),
    ];
    if (events.length > 0) this.options.call.clocks.token();
    return events;
  }

  /** The last line is here: the end of a good answer, or the reason why it is none. */
  end(last: JsonObject): ChatEvent {
    const word = textAt(last, 'done_reason').toLowerCase();
    this.usage = usageOf(last, this.hasText || this.calls > 0 || this.thinking !== '');
    if (this.hasLostPrompt(last)) throw this.failure('context_overflow', ['prompt_was_cut']);
    const finishReason = FINISH[word] ?? 'unknown';
    if (!this.hasText && this.calls === 0) throw this.withoutAnswer(word);
    const isAsking = this.calls > 0 && finishReason !== 'length';
    return {
      type: 'end',
      finishReason: isAsking ? 'tool_calls' : finishReason,
      usage: this.usage,
      // A model that goes on after its tools thinks on from here.
      ...(this.calls > 0 && this.thinking !== '' ? { state: { thinking: this.thinking } } : {}),
    };
  }

  private callsOf(wire: unknown): ChatEvent[] {
    if (!Array.isArray(wire)) return [];
    return wire.map((call: unknown) => {
      const wanted = objectAt(call, 'function');
      const name = textAt(wanted, 'name');
      if (!isObject(call) || name === '') throw this.failure('malformed_response', ['tool_call']);
      const input = wanted['arguments'] ?? {};
      const written = typeof input === 'string' ? input : JSON.stringify(input);
      if (!isObject(parseJson(written.trim() === '' ? '{}' : written)))
        throw this.failure('malformed_response', ['tool_arguments']);
      const id = textAt(call, 'id') || this.ownId();
      this.calls += 1;
      return { type: 'tool_call', call: { id, name, arguments: written } };
    });
  }

  /** Older servers give none. Unlike that of any other call of the conversation. */
  private ownId(): string {
    return `call_${String(this.options.request.messages.length)}_${String(this.calls)}`;
  }

  private hasLostPrompt(last: JsonObject): boolean {
    const { settings, request } = this.options;
    const window = windowOf(settings, request);
    if (window === null) return false;
    return hasLostPrompt({
      window,
      promptTokens: promptTokensOf(last),
      outputTokens: outputTokensOf(last) ?? 0,
      leastTokens: leastTokens(request),
    });
  }

  private withoutAnswer(word: string): GatewayError {
    const { call } = this.options;
    const words = word === '' ? [] : [word];
    if (word === 'length') return this.failure('output_starved', words);
    const what = NO_ANSWERS.has(word) ? 'only says that the model was loaded or unloaded' : 'holds no text';
    const said =
      ['done_reason', ...call.safeWords(words)].join(' ') + (words.length === 0 ? ' not given' : '');
    return call.fault(
      'empty_output',
      `The answer of ${call.name} ${what} (${said}). Try again, or use another model.`,
      this.spent(),
    );
  }

  private failure(code: ErrorCode, words: readonly string[]): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code, words, detail: this.spent() });
  }

  /** A failed answer was paid for all the same. */
  private spent(): ErrorDetail {
    return this.usage === null ? {} : { usage: this.usage };
  }
}
