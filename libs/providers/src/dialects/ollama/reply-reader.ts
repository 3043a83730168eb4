import { ChatEvent, GatewayError } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { isObject, JsonObject, parseJson } from '../../json';
import { jsonLines } from '../../ndjson';
import { refusalOf } from '../../refusal';
import { replyStart } from '../../reply-start';
import { Answer, AnswerOptions } from './answer';
import { isErrorLine, readUpstreamError } from './upstream-error';

/** Reads a reply with a good status: a line of JSON for each piece, or one for all of it. */
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
    if (form === 'events') throw this.malformed('event_stream');
    let hasBegun = false;
    for await (const { text, isLast } of jsonLines(texts)) {
      const line = parseJson(text);
      // What the stream broke off in is cut; a body that begins so was none.
      if (line === undefined && isLast && hasBegun) break;
      if (!isObject(line)) throw this.malformed('no_json');
      if (isErrorLine(line)) throw this.refused(line);
      yield* this.answer.take(line);
      hasBegun = true;
      if (line['done'] !== true) continue;
      yield this.answer.end(line);
      return;
    }
    throw this.options.call.truncated();
  }

  private refused(body: JsonObject): GatewayError {
    const { call, settings } = this.options;
    const { status, headers } = this.reply;
    const error = readUpstreamError({ status, headers, body, nowMs: Date.now() }, settings.hosted);
    const { code, words, remedy, retryAfterMs } = error;
    return refusalOf(call, {
      settings,
      code,
      words,
      ...(remedy === undefined ? {} : { remedy }),
      detail: retryAfterMs === undefined ? {} : { retryAfterMs },
    });
  }

  private malformed(word: string): GatewayError {
    const { call, settings } = this.options;
    return refusalOf(call, { settings, code: 'malformed_response', words: [word] });
  }
}
