import { ChatEvent } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { isObject, parseJson } from '../../json';
import { ReplyFaults } from '../../reply-faults';
import { sseEvents } from '../../sse';
import { wholeText } from '../../whole-text';
import { Reading } from '../../wire';
import { Answer } from './answer';
import { lingering } from './lingering';
import { errorMembers, readUpstreamError } from './upstream-error';

/**
 * There is no closing mark but the reason of the end, and the count of tokens may come behind it. Google closes the stream
 * at once; where the count is missing, or the reason stood with every piece, so much longer is waited for more.
 */
const LINGER_MS = 2_000;

/** Reads a reply with a good status: a stream, or JSON in one piece from whoever does not know `alt=sse`. */
export class ReplyReader {
  private readonly answer: Answer;
  private readonly faults: ReplyFaults;

  constructor(
    reply: HttpReply,
    private readonly reading: Reading,
  ) {
    this.answer = new Answer(reading);
    this.faults = new ReplyFaults({ reply, reading, refusal: readUpstreamError });
  }

  async *events(): AsyncGenerator<ChatEvent> {
    const { form, texts } = await this.faults.start();
    if (form === 'events') yield* this.stream(texts);
    else yield* this.whole(texts);
    yield this.answer.end();
  }

  private async *stream(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    const linger = { isComplete: () => this.answer.isComplete, ms: LINGER_MS };
    for await (const { event, data, isLast } of lingering(sseEvents(texts), linger)) {
      // An empty event is a keep-alive, and a proxy may close the stream as OpenAI does.
      if (data.trim() === '' || data.trim() === '[DONE]') continue;
      const body = parseJson(data);
      // What the stream broke off in may be cut. If it is an object all the same, it is whole.
      if (isLast && !isObject(body)) continue;
      yield* this.take(body, event === 'error');
      if (this.answer.isClosed) return;
    }
    if (!this.answer.isComplete) throw this.reading.call.truncated();
  }

  /** One response, or a list of them as a stream without `alt=sse` has it. */
  private async *whole(texts: AsyncIterable<string>): AsyncGenerator<ChatEvent> {
    const body = parseJson(await wholeText(texts));
    for (const response of Array.isArray(body) ? (body as readonly unknown[]) : [body]) {
      yield* this.take(response);
    }
  }

  private take(body: unknown, isErrorEvent = false): ChatEvent[] {
    if (!isObject(body)) throw this.faults.malformed('no_json');
    if (isErrorEvent || errorMembers(body) !== undefined) throw this.faults.refused(body, this.answer.spent);
    const events = this.answer.take(body);
    if (events.length > 0) this.reading.call.clocks.token();
    return events;
  }
}
