import { ChatEvent, GatewayError } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { refusalOf } from '../../refusal';
import { sseEvents } from '../../sse';
import { Answer, AnswerOptions } from './answer';
import { isObject, JsonObject, parseJson } from '../../json';
import { isErrorBody, readUpstreamError } from './upstream-error';

const DONE = '[DONE]';
/** Enough to tell server-sent events from JSON, markup and prose. */
const TELLING_LENGTH = 8;
const STARTS_LIKE_EVENTS = /^(:|data:|event:|id:|retry:)/;

/** The start of a body without leading white space, long enough to be told apart; shorter only at its end. */
async function firstText(texts: AsyncGenerator<string>): Promise<string> {
  let start = '';
  while (start.length < TELLING_LENGTH) {
    const next = await texts.next();
    if (next.done) break;
    start = (start + next.value).trimStart();
  }
  return start;
}

async function* prepended(start: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield start;
  yield* rest;
}

/** Reads a reply with a good status: a stream, or a whole JSON body from servers that ignore `stream`. */
export class ReplyReader {
  private readonly answer: Answer;

  constructor(
    private readonly reply: HttpReply,
    private readonly options: AnswerOptions,
  ) {
    this.answer = new Answer(options);
  }

  /** The body decides what it is, not its content type: an error may come as JSON under text/event-stream. */
  async *events(): AsyncGenerator<ChatEvent> {
    const texts = this.reply.text();
    const start = await firstText(texts);
    if (start === '') throw this.malformed('empty_body');
    if (start.startsWith('<')) throw this.malformed('markup');
    const all = prepended(start, texts);
    if (STARTS_LIKE_EVENTS.test(start)) yield* this.stream(all);
    else yield* this.whole(all);
  }

  private async *whole(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    let text = '';
    for await (const piece of texts) text += piece;
    yield* this.take(text);
    yield this.answer.end();
  }

  private async *stream(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    for await (const { event, data, isLast } of sseEvents(texts)) {
      if (data.trim() === DONE) {
        yield this.answer.end();
        return;
      }
      // What the stream broke off in may be cut, and an empty event is a keep-alive.
      if (isLast || data.trim() === '') continue;
      yield* this.take(data, event === 'error');
    }
    throw this.options.call.truncated();
  }

  private take(text: string, isErrorEvent = false): ChatEvent[] {
    const body = parseJson(text);
    if (!isObject(body)) throw this.malformed('no_json');
    if (isErrorEvent || isErrorBody(body)) throw this.refused(body);
    const events = this.answer.take(body);
    if (events.length > 0) this.options.call.clocks.token();
    return events;
  }

  private refused(body: JsonObject): GatewayError {
    const { call, settings } = this.options;
    const { status, headers } = this.reply;
    const error = readUpstreamError({ status, headers, body, nowMs: Date.now() });
    const detail = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
    return refusalOf(call, { settings, code: error.code, words: error.words, detail });
  }

  private malformed(word: string): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code: 'malformed_response', words: [word] });
  }
}
