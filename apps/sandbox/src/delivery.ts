import { HoldPoint, ScriptedReply } from './script';
import { UpstreamCall } from './upstream-call';
import {
  AnswerPiece,
  callPieces,
  charactersOf,
  completionOf,
  errorBody,
  estimateTokens,
  estimateUsage,
  sseEvent,
  split,
  streamOf,
  WantedCall,
  WireAnswer,
  WireUsage,
} from './wire';

/** An answer ready to be sent: what goes out, and when it waits, falls silent or breaks. */
export interface Delivery {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes out with the headers. */
  readonly lead: readonly string[];
  /** Goes out at the pace; the first one is the first token. */
  readonly pieces: readonly string[];
  /** Ends the answer. */
  readonly closing: readonly string[];
  readonly usage: WireUsage | null;
  readonly delayHeadersMs: number;
  readonly delayFirstTokenMs: number;
  readonly paceMs: number;
  readonly keepAliveEveryMs: number | null;
  readonly stallAfterChunk: number | null;
  readonly cutAtByte: number | null;
  readonly cutBeforeHeaders: boolean;
  readonly holdBefore: HoldPoint | null;
}

/** The identity that every answer of one call carries. */
export interface Stamp {
  readonly id: string;
  readonly createdSeconds: number;
}

const TEXT_PIECE_LENGTH = 24;
/** Stands in a scripted text for the id of the answer, so that it can be told which call an answer came from. */
const CALL_MARK = '{{call}}';
const JSON_HEADERS = { 'content-type': 'application/json' };
const SSE_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

type Content = Pick<Delivery, 'headers' | 'lead' | 'pieces' | 'closing' | 'usage'>;

const jsonContent = (body: object, usage: WireUsage | null): Content => ({
  headers: JSON_HEADERS,
  lead: [],
  pieces: [JSON.stringify(body)],
  closing: [],
  usage,
});

function answerContent(answer: WireAnswer, call: UpstreamCall): Content {
  if (!call.stream) return jsonContent(completionOf(answer), answer.usage);
  return { headers: SSE_HEADERS, ...streamOf(answer, call.includeUsage), usage: answer.usage };
}

const AT_ONCE = {
  delayHeadersMs: 0,
  delayFirstTokenMs: 0,
  paceMs: 0,
  keepAliveEveryMs: null,
  stallAfterChunk: null,
  cutAtByte: null,
  cutBeforeHeaders: false,
  holdBefore: null,
};

export function refusal(status: number, message: string, code: string | null = null): Delivery {
  return { ...AT_ONCE, status, ...jsonContent(errorBody(status, message, code), null) };
}

/** A model's text, cut at the caller's token limit as a provider would. */
export function modelDelivery(
  call: UpstreamCall,
  text: string,
  options: { readonly stamp: Stamp; readonly paceMs: number },
): Delivery {
  const isCut = call.maxTokens !== null && estimateTokens(text) > call.maxTokens;
  const shown = call.maxTokens !== null && isCut ? text.slice(0, charactersOf(call.maxTokens)) : text;
  const answer: WireAnswer = {
    ...options.stamp,
    model: call.model ?? '',
    pieces: split(shown, TEXT_PIECE_LENGTH).map((piece) => ({ kind: 'text', text: piece })),
    finishReason: isCut ? 'length' : 'stop',
    usage: estimateUsage(call.prompt, shown),
  };
  return { ...AT_ONCE, status: 200, ...answerContent(answer, call), paceMs: options.paceMs };
}

/** A model's wish to have a tool called. */
export function callDelivery(
  call: UpstreamCall,
  wanted: WantedCall,
  options: { readonly stamp: Stamp; readonly paceMs: number },
): Delivery {
  const answer: WireAnswer = {
    ...options.stamp,
    model: call.model ?? '',
    pieces: callPieces([{ id: `call_${options.stamp.id}`, ...wanted }]),
    finishReason: 'tool_calls',
    usage: estimateUsage(call.prompt, wanted.name + wanted.arguments),
  };
  return { ...AT_ONCE, status: 200, ...answerContent(answer, call), paceMs: options.paceMs };
}

function scriptedAnswer(reply: ScriptedReply, call: UpstreamCall, stamp: Stamp): WireAnswer {
  const text = reply.text ?? '';
  const signed = (words: string): string => words.replaceAll(CALL_MARK, stamp.id);
  const texts = typeof text === 'string' ? split(signed(text), TEXT_PIECE_LENGTH) : text.map(signed);
  const thoughts = split(reply.reasoning ?? '', TEXT_PIECE_LENGTH);
  const pieces: AnswerPiece[] = [
    ...thoughts.map((thought): AnswerPiece => ({ kind: 'reasoning', text: thought })),
    ...texts.map((piece): AnswerPiece => ({ kind: 'text', text: piece })),
    ...callPieces(reply.toolCalls ?? []),
  ];
  const finishReason = reply.finishReason ?? (reply.toolCalls === undefined ? 'stop' : 'tool_calls');
  const usage =
    reply.usage === undefined
      ? estimateUsage(call.prompt, pieces.map((piece) => piece.text).join(''))
      : reply.usage;
  return { ...stamp, model: call.model ?? '', pieces, finishReason, usage };
}

function rawEvent(event: unknown): string {
  if (typeof event !== 'string') return sseEvent(event);
  return event.startsWith(':') || event.includes('\n') ? event : `data: ${event}\n\n`;
}

function scriptedContent(reply: ScriptedReply, call: UpstreamCall, stamp: Stamp): Content {
  const status = reply.status ?? 200;
  const usage = reply.usage ?? null;
  if (reply.sse !== undefined) {
    return { headers: SSE_HEADERS, lead: [], pieces: reply.sse.map(rawEvent), closing: [], usage };
  }
  if (reply.body !== undefined) {
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    return { headers: JSON_HEADERS, lead: [], pieces: [body], closing: [], usage };
  }
  const isAnswer = [reply.text, reply.reasoning, reply.toolCalls].some((member) => member !== undefined);
  if (!isAnswer && status >= 400) {
    return jsonContent(errorBody(status, `The script answers with ${status}.`), usage);
  }
  return answerContent(scriptedAnswer(reply, call, stamp), call);
}

/** The last piece ends the answer, unless the script falls silent after a count of pieces. */
function withClosing(content: Content, stallAfterChunk: number | null): Content {
  if (content.closing.length > 0 || stallAfterChunk !== null) return content;
  return { ...content, pieces: content.pieces.slice(0, -1), closing: content.pieces.slice(-1) };
}

export function scriptedDelivery(reply: ScriptedReply, call: UpstreamCall, stamp: Stamp): Delivery {
  const stallAfterChunk = reply.stallAfterChunk ?? null;
  const content = withClosing(scriptedContent(reply, call, stamp), stallAfterChunk);
  return {
    ...content,
    status: reply.status ?? 200,
    headers: { ...content.headers, ...reply.headers },
    delayHeadersMs: reply.delayHeadersMs ?? 0,
    delayFirstTokenMs: reply.delayFirstTokenMs ?? 0,
    paceMs: reply.paceMs ?? 0,
    keepAliveEveryMs: reply.keepAliveEveryMs ?? null,
    stallAfterChunk,
    cutAtByte: reply.cutAtByte ?? null,
    cutBeforeHeaders: reply.cutBeforeHeaders ?? false,
    holdBefore: reply.holdBefore ?? null,
  };
}
