import { ChatEvent } from '@longhaul/contract';
import { HttpReply } from '../../http';
import { isObject, parseJson } from '../../json';
import { jsonLines } from '../../ndjson';
import { ReplyFaults } from '../../reply-faults';
import { Answer, AnswerOptions } from './answer';
import { isErrorLine, readUpstreamError } from './upstream-error';

/** Reads a reply with a good status: a line of JSON for each piece, or one for all of it. */
export class ReplyReader {
  private readonly answer: Answer;
  private readonly faults: ReplyFaults;

  constructor(
    reply: HttpReply,
    private readonly options: AnswerOptions,
  ) {
    const { hosted } = options.settings;
    this.answer = new Answer(options);
    this.faults = new ReplyFaults({
      reply,
      reading: options,
      refusal: (error) => readUpstreamError(error, hosted),
    });
  }

  async *events(): AsyncGenerator<ChatEvent> {
    const { form, texts } = await this.faults.start();
    if (form === 'events') throw this.faults.malformed('event_stream');
    let hasBegun = false;
    for await (const { text, isLast } of jsonLines(texts)) {
      const line = parseJson(text);
      // What the stream broke off in is cut; a body that begins so was none.
      if (line === undefined && isLast && hasBegun) break;
      if (!isObject(line)) throw this.faults.malformed('no_json');
      if (isErrorLine(line)) throw this.faults.refused(line);
      yield* this.answer.take(line);
      hasBegun = true;
      if (line['done'] !== true) continue;
      yield this.answer.end(line);
      return;
    }
    throw this.options.call.truncated();
  }
}
