import { ChatEvent, GatewayError } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { refusalOf } from '../../refusal';
import { replyStart } from '../../reply-start';
import { sseEvents } from '../../sse';
import { wholeText } from '../../whole-text';
import { Answer, AnswerOptions } from './answer';
import { isObject, JsonObject, parseJson } from '../../json';
import { isErrorBody, readUpstreamError } from './upstream-error';

const DONE = '[DONE]';

/** Reads a reply with a good status: a stream, or a whole JSON body from servers that ignore `stream`. */
export class ReplyReader {
  private readonly answer: Answer;

  constructor(
    private readonly reply: HttpReply,
    private readonly options: AnswerOptions,
  ) {
    this.answer = new Answer(options);
  }

  async *events(): AsyncGenerator<ChatEvent> {
    const { form, texts } = await replyStart(this.reply.text());
    if (form === 'empty') throw this.malformed('empty_body');
    if (form === 'markup') throw this.malformed('markup');
    if (form === 'events') yield* this.stream(texts);
    else yield* this.whole(texts);
  }

  private async *whole(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    yield* this.take(await wholeText(texts));
    yield* this.answer.end();
  }

  private async *stream(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    for await (const { event, data, isLast } of sseEvents(texts)) {
      if (data.trim() === DONE) {
        yield* this.answer.end();
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
    return this.answer.take(body);
  }

  private refused(body: JsonObject): GatewayError {
    const { call, settings, quirks } = this.options;
    const { status, headers } = this.reply;
    const error = readUpstreamError({ status, headers, body, nowMs: Date.now() }, quirks);
    const hint = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
    const detail = { ...this.answer.spent, ...hint };
    return refusalOf(call, { settings, code: error.code, words: error.words, detail });
  }

  private malformed(word: string): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code: 'malformed_response', words: [word] });
  }
}
