import { ChatEvent } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { isObject, parseJson } from '../../json';
import { ReplyFaults } from '../../reply-faults';
import { sseEvents } from '../../sse';
import { wholeText } from '../../whole-text';
import { Answer, AnswerOptions } from './answer';
import { isErrorBody, readUpstreamError } from './upstream-error';

const DONE = '[DONE]';

/** Reads a reply with a good status: a stream, or a whole JSON body from servers that ignore `stream`. */
export class ReplyReader {
  private readonly answer: Answer;
  private readonly faults: ReplyFaults;

  constructor(
    reply: HttpReply,
    private readonly options: AnswerOptions,
  ) {
    const { quirks } = options;
    this.answer = new Answer(options);
    this.faults = new ReplyFaults({
      reply,
      reading: options,
      refusal: (error) => readUpstreamError(error, quirks),
    });
  }

  async *events(): AsyncGenerator<ChatEvent> {
    const { form, texts } = await this.faults.start();
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
    if (!isObject(body)) throw this.faults.malformed('no_json');
    if (isErrorEvent || isErrorBody(body)) throw this.faults.refused(body, this.answer.spent);
    return this.answer.take(body);
  }
}
