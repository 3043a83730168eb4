import { ChatEvent } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { isObject, JsonObject, parseJson } from '../../json';
import { ReplyFaults } from '../../reply-faults';
import { sseEvents } from '../../sse';
import { wholeText } from '../../whole-text';
import { Answer, AnswerOptions } from './answer';
import { isErrorBody, readUpstreamError } from './upstream-error';

const CLOSING = 'message_stop';

/** Reads a reply with a good status: a stream, or a whole message from servers that ignore `stream`. */
export class ReplyReader {
  private readonly answer: Answer;
  private readonly faults: ReplyFaults;

  constructor(
    reply: HttpReply,
    private readonly options: AnswerOptions,
  ) {
    this.answer = new Answer(options);
    this.faults = new ReplyFaults({ reply, reading: options, refusal: readUpstreamError });
  }

  async *events(): AsyncGenerator<ChatEvent> {
    const { form, texts } = await this.faults.start();
    if (form === 'events') yield* this.stream(texts);
    else yield* this.whole(texts);
  }

  private async *whole(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    yield* this.answer.takeWhole(this.read(await wholeText(texts)));
    yield* this.answer.end();
  }

  private async *stream(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    for await (const { event, data, isLast } of sseEvents(texts)) {
      // What the stream broke off in may be cut, and an empty event is a keep-alive.
      if (isLast || data.trim() === '') continue;
      const body = this.read(data, event === 'error');
      if (body['type'] === CLOSING) {
        yield* this.answer.end();
        return;
      }
      yield* this.answer.take(body);
    }
    throw this.options.call.truncated();
  }

  private read(text: string, isErrorEvent = false): JsonObject {
    const body = parseJson(text);
    if (!isObject(body)) throw this.faults.malformed('no_json');
    if (isErrorEvent || isErrorBody(body)) throw this.faults.refused(body, this.answer.spent);
    return body;
  }
}
