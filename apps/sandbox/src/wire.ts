/** The shapes of OpenAI Chat Completions: whole answers, stream chunks, errors. */

/** Usage as the provider states it; more members (details) may stand beside the three. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly [detail: string]: unknown;
}

export interface AnswerPiece {
  readonly kind: 'text' | 'reasoning' | 'tool_call';
  /** Of a tool call its arguments. */
  readonly text: string;
  /** Of a tool call. */
  readonly call?: { readonly index: number; readonly id: string; readonly name: string };
}

/** What is to be done, before it has an id. */
export interface WantedCall {
  readonly id?: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export const callPieces = (calls: readonly WantedCall[]): AnswerPiece[] =>
  calls.map(({ id, name, arguments: text }, index) => ({
    kind: 'tool_call',
    text,
    call: { index, id: id ?? `call_sandbox_${String(index)}`, name },
  }));

/** An answer before it is put on the wire. */
export interface WireAnswer {
  readonly id: string;
  readonly model: string;
  readonly createdSeconds: number;
  readonly pieces: readonly AnswerPiece[];
  readonly finishReason: string;
  readonly usage: WireUsage | null;
}

/** A stream in three parts: `lead` goes out with the headers and holds no token, `closing` ends the answer. */
export interface WireStream {
  readonly lead: readonly string[];
  readonly pieces: readonly string[];
  readonly closing: readonly string[];
}

/** Stands in every answer: nobody shall take the sandbox's words for a model's. */
export const FINGERPRINT = 'sandbox-not-a-language-model';

export const DONE = 'data: [DONE]\n\n';
export const KEEP_ALIVE = ': keep-alive\n\n';

const CHARACTERS_PER_TOKEN = 4;

/** A rough count, the same for every language: the sandbox bills by it. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The longest text that costs no more than `tokens`. */
export const charactersOf = (tokens: number): number => tokens * CHARACTERS_PER_TOKEN;

export function estimateUsage(prompt: string, completion: string): WireUsage {
  const promptTokens = estimateTokens(prompt);
  const completionTokens = estimateTokens(completion);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

export const sseEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** Splits by code points, so that no chunk ends inside a surrogate pair. */
export function split(text: string, pieceLength: number): string[] {
  const points = Array.from(text);
  const pieces: string[] = [];
  for (let at = 0; at < points.length; at += pieceLength) {
    pieces.push(points.slice(at, at + pieceLength).join(''));
  }
  return pieces;
}

function deltaOf(piece: AnswerPiece): object {
  switch (piece.kind) {
    case 'text':
      return { content: piece.text };
    case 'reasoning':
      return { reasoning_content: piece.text };
    case 'tool_call':
      return { tool_calls: [{ index: piece.call?.index ?? 0, ...wireCall(piece) }] };
    default:
      return piece.kind satisfies never;
  }
}

const wireCall = ({ call, text }: AnswerPiece): object => ({
  id: call?.id,
  type: 'function',
  function: { name: call?.name, arguments: text },
});

/** The answer as server-sent events: the role once, the finish reason once, usage with empty choices, [DONE]. */
export function streamOf(answer: WireAnswer, includeUsage: boolean): WireStream {
  const head = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: answer.createdSeconds,
    model: answer.model,
    system_fingerprint: FINGERPRINT,
  };
  const chunk = (delta: object, finishReason: string | null): string =>
    sseEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
  const withUsage = includeUsage && answer.usage !== null;
  return {
    lead: [chunk({ role: 'assistant', content: '' }, null)],
    pieces: answer.pieces.map((piece) => chunk(deltaOf(piece), null)),
    closing: [
      chunk({}, answer.finishReason),
      ...(withUsage ? [sseEvent({ ...head, choices: [], usage: answer.usage })] : []),
      DONE,
    ],
  };
}

const joined = (answer: WireAnswer, kind: AnswerPiece['kind']): string =>
  answer.pieces
    .filter((piece) => piece.kind === kind)
    .map((piece) => piece.text)
    .join('');

/** The answer as one JSON body. */
export function completionOf(answer: WireAnswer): object {
  const reasoning = joined(answer, 'reasoning');
  const text = joined(answer, 'text');
  const calls = answer.pieces.filter(({ kind }) => kind === 'tool_call').map(wireCall);
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.createdSeconds,
    model: answer.model,
    system_fingerprint: FINGERPRINT,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          refusal: null,
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
        },
        logprobs: null,
        finish_reason: answer.finishReason,
      },
    ],
    ...(answer.usage === null ? {} : { usage: answer.usage }),
  };
}

/** An error body in OpenAI's form. */
export function errorBody(status: number, message: string, code: string | null = null): object {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message, type, param: null, code } };
}
