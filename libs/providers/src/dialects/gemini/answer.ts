import { ChatEvent, ChatMessage, ErrorDetail, FinishReason, GatewayError, Usage } from '@longhaul/contract';
import { isObject, JsonObject, objectAt } from '../../json';
import { refusalOf } from '../../refusal';
import { Reading } from '../../wire';
import { finishOf } from './finish-reasons';
import { TurnMemory } from './provider-state';
import { usageOf } from './usage';

/** Puts one answer together from the pieces of a stream, or from one whole response. */
export class Answer {
  private hasCandidate = false;
  private hasText = false;
  private calls = 0;
  /** Some of it came without a reason of the end, so the first reason behind that is the end. */
  private isPieced = false;
  private finishWord: string | null = null;
  private blockWord: string | null = null;
  private usage: Usage | null = null;
  private readonly turn = new TurnMemory();
  private readonly takenIds: Set<string>;

  constructor(private readonly reading: Reading) {
    this.takenIds = idsIn(reading.request.messages);
  }

  /** The closing mark is here: the reason of the end. Imitators may send it with every piece. */
  get isComplete(): boolean {
    return this.finishWord !== null || this.blockWord !== null;
  }

  /** Nothing that comes now can be part of the answer. */
  get isClosed(): boolean {
    return this.isComplete && this.usage !== null && (this.isPieced || this.blockWord !== null);
  }

  take(body: JsonObject): ChatEvent[] {
    // It grows from piece to piece; the last one counts, and one that is garbage counts as none.
    if (isObject(body['usageMetadata'])) this.usage = usageOf(body['usageMetadata']);
    const block = objectAt(body, 'promptFeedback')['blockReason'];
    if (typeof block === 'string' && block !== '') this.blockWord = block;
    const candidate = candidateOf(body);
    if (candidate === undefined || (this.isPieced && this.isComplete)) return [];
    this.hasCandidate = true;
    const parts = objectAt(candidate, 'content')['parts'];
    const events = Array.isArray(parts) ? parts.filter(isObject).flatMap((part) => this.eventsOf(part)) : [];
    this.noteFinish(candidate['finishReason'], events.length > 0);
    return events;
  }

  /** Nothing more comes: the end of a good answer, or the reason why it is none. */
  end(): ChatEvent {
    const { call, request } = this.reading;
    if (!this.isComplete)
      throw this.hasCandidate ? call.truncated() : this.failure('malformed_response', 'no_candidates');
    const finishReason = this.finishReason();
    if (!this.hasText && this.calls === 0) throw this.withoutText(finishReason);
    const state = this.turn.stateFor(request.model);
    return { type: 'end', finishReason, usage: this.usage, ...(state === undefined ? {} : { state }) };
  }

  /** An early reason is taken back by whatever comes behind it without one. */
  private noteFinish(word: unknown, hasContent: boolean): void {
    if (typeof word === 'string' && word !== '') {
      this.finishWord = word;
    } else if (hasContent) {
      this.isPieced = true;
      this.finishWord = null;
    }
  }

  private finishReason(): FinishReason {
    if (this.blockWord !== null) return 'content_filter';
    const finish = finishOf(this.finishWord ?? '', this.calls > 0);
    if (finish.kind === 'failed') throw this.failure(finish.code, this.finishWord);
    return finish.reason;
  }

  private eventsOf(part: JsonObject): ChatEvent[] {
    this.turn.note(part);
    if (isObject(part['functionCall'])) return [this.callOf(part['functionCall'])];
    const { text } = part;
    if (typeof text !== 'string' || text === '') return [];
    if (part['thought'] === true) return [{ type: 'reasoning', text }];
    this.hasText ||= text.trim() !== '';
    return [{ type: 'text', text }];
  }

  private callOf({ id, name, args }: JsonObject): ChatEvent {
    if (typeof name !== 'string' || name === '')
      throw this.failure('malformed_response', 'call_without_name');
    const input = args ?? {};
    if (!isObject(input)) throw this.failure('malformed_response', 'tool_arguments');
    this.calls += 1;
    const ownId = typeof id === 'string' && id !== '' ? id : this.newId();
    this.takenIds.add(ownId);
    return { type: 'tool_call', call: { id: ownId, name, arguments: JSON.stringify(input) } };
  }

  /** The wire may leave the id out. Ours is the same for the same conversation, and no other call in it has it. */
  private newId(): string {
    let count = this.takenIds.size + 1;
    while (this.takenIds.has(`call_${String(count)}`)) count += 1;
    return `call_${String(count)}`;
  }

  private withoutText(finishReason: FinishReason): GatewayError {
    const word = this.blockWord ?? this.finishWord;
    if (finishReason === 'content_filter') return this.failure('content_filtered', word);
    if (finishReason === 'length') return this.failure('output_starved', word);
    const { call } = this.reading;
    const thought = this.usage?.reasoning ?? 0;
    return call.fault(
      'empty_output',
      `${call.name} ended its answer without any text, after ${String(thought)} reasoning tokens ` +
        `(${['finish reason', ...call.safeWords([word ?? 'not given'])].join(' ')}). Try again, or use another model.`,
      this.spent,
    );
  }

  private failure(code: GatewayError['code'], word: string | null): GatewayError {
    const { call, settings } = this.reading;
    const words = word === null ? [] : [word.toLowerCase()];
    return refusalOf(call, { settings, code, words, detail: this.spent });
  }

  /** A failed answer was paid for all the same. */
  get spent(): ErrorDetail {
    return this.usage === null ? {} : { usage: this.usage };
  }
}

/** One answer was asked for; whatever else comes is not ours. */
const candidateOf = (body: JsonObject): JsonObject | undefined => {
  const { candidates } = body;
  if (!Array.isArray(candidates)) return undefined;
  return candidates
    .filter(isObject)
    .find(({ index }) => index === undefined || index === null || index === 0);
};

const idsIn = (messages: readonly ChatMessage[]): Set<string> =>
  new Set(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id)));
