import { ErrorDetail, GatewayError } from '@longhaul/contract';
import { HttpReply } from './http';
import { refusalOf } from './refusal';
import { ReplyStart, replyStart } from './reply-start';
import { ErrorReply, Reading, UpstreamError } from './wire';

export interface FaultParts {
  readonly reply: HttpReply;
  readonly reading: Pick<Reading, 'call' | 'settings'>;
  /** How the protocol reads an error, under whatever status it came. */
  readonly refusal: (reply: ErrorReply) => UpstreamError;
}

/** What a reply is when it is no answer, in the same words for every protocol. */
export class ReplyFaults {
  constructor(private readonly parts: FaultParts) {}

  /** The body, once its start has told what it is. @throws GatewayError for one that is empty, or markup */
  async start(): Promise<ReplyStart> {
    const start = await replyStart(this.parts.reply.text());
    if (start.form === 'empty') throw this.malformed('empty_body');
    if (start.form === 'markup') throw this.malformed('markup');
    return start;
  }

  /** @param word what was wrong, as a code of ours */
  malformed(word: string): GatewayError {
    const { call, settings } = this.parts.reading;
    return refusalOf(call, { settings, code: 'malformed_response', words: [word] });
  }

  /** @param body the error, parsed; undefined when it was no JSON. @param known what else is known of the call */
  refused(body: unknown, known: ErrorDetail = {}): GatewayError {
    const { reply, reading, refusal } = this.parts;
    const { call, settings } = reading;
    const { status, headers } = reply;
    const { code, words, remedy, retryAfterMs, isOfModel } = refusal({
      status,
      headers,
      body,
      nowMs: Date.now(),
    });
    return refusalOf(call, {
      settings,
      code,
      words,
      ...(remedy === undefined ? {} : { remedy }),
      detail: {
        ...known,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(isOfModel === true ? { isOfModel } : {}),
      },
    });
  }
}
