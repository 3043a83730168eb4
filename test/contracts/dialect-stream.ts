import { ErrorCode } from '@longhaul/contract';
import { bytesOf, Fixture } from './dialect.bench';

/** What the suites must know of a protocol to cut its streams and to fill their pauses. */
interface StreamForm {
  /** Keeps a connection alive and says nothing: never a token. */
  readonly keepAlive: string;
  /** What parts two records of the stream. */
  readonly separator: string;
  /** Stands in the record that closes a good answer, and in no other. */
  readonly closing: string;
  /** Codes of the wire that this protocol has no way to say. */
  readonly unsaid?: readonly ErrorCode[];
}

const FORMS: Readonly<Record<string, StreamForm>> = {
  openai_compatible: { keepAlive: ': keep-alive\n\n', separator: '\n\n', closing: '[DONE]' },
  anthropic: {
    keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
    separator: '\n\n',
    closing: '"message_stop"',
  },
  gemini: { keepAlive: ': keep-alive\n\n', separator: '\n\n', closing: '"finishReason"' },
  ollama: {
    keepAlive: '{"message":{"role":"assistant","content":""},"done":false}\n',
    separator: '\n',
    closing: '"done":true',
    unsaid: ['content_filtered'],
  },
};

export function formOf(dialect: string): StreamForm {
  const form = FORMS[dialect];
  if (form === undefined) throw new Error(`dialect-stream.ts does not know the stream of ${dialect}`);
  return form;
}

export interface CutStream {
  readonly bytes: Buffer;
  /** All of it but the record that closes it. */
  readonly unclosed: Buffer;
  /** From so many bytes on the closing mark is whole; what comes after is white space. */
  readonly wholeAt: number;
}

/** The recorded stream of a good answer, which must end in the closing mark of its protocol. */
export function streamOf(dialect: string, { title, reply }: Fixture): CutStream {
  const { closing, separator } = formOf(dialect);
  const bytes = bytesOf(reply);
  const wholeAt = Buffer.byteLength(bytes.toString().trimEnd());
  const markAt = bytes.lastIndexOf(closing);
  const before = bytes.lastIndexOf(separator, markAt);
  const isLast = markAt !== -1 && bytes.indexOf(separator, markAt) + separator.length >= wholeAt;
  if (!isLast) throw new Error(`the closing record of ${dialect} is not the last of: ${title}`);
  return { bytes, unclosed: bytes.subarray(0, before === -1 ? 0 : before + separator.length), wholeAt };
}
