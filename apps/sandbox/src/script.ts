import { WantedCall, WireUsage } from './wire';

/** Which calls a script answers; every member that is given must fit. Empty = every call. */
export interface ScriptMatch {
  readonly provider?: string;
  readonly model?: string;
  /** A piece of the prompt. */
  readonly contains?: string;
  /** The `[[marker]]` of the last user message. */
  readonly marker?: string;
  /** The path below the provider, e.g. `/v1/models`; without it only `/v1/chat/completions` fits. */
  readonly path?: string;
}

export type HoldPoint = 'headers' | 'first_token' | 'end';

/** One answer of a script. Without `body`, `sse` and `text` an error status gets an OpenAI-shaped error body. */
export interface ScriptedReply {
  /** 200 unless told. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A whole body: a string as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Events in order. An object becomes `data: <json>`; so does a one-line string; other strings go out raw. No [DONE] is added. */
  readonly sse?: readonly unknown[];
  /** A good answer, streamed or whole as the request asks; a list gives the pieces. `{{call}}` becomes the id of the answer. */
  readonly text?: string | readonly string[];
  /** Thoughts before the text (`reasoning_content`). */
  readonly reasoning?: string;
  /** Tool calls after the text; the finish reason is then `tool_calls` unless told. */
  readonly toolCalls?: readonly WantedCall[];
  /** `stop` unless told. */
  readonly finishReason?: string;
  /** Of a `text` answer; null = the provider sends none. Estimated when left out. */
  readonly usage?: WireUsage | null;
  readonly delayHeadersMs?: number;
  readonly delayFirstTokenMs?: number;
  /** Between two pieces. 0 unless told. */
  readonly paceMs?: number;
  /** A comment line this often while the answer waits: no token, and no client may take it for one. */
  readonly keepAliveEveryMs?: number;
  /** Silent for ever after so many pieces; 0 = after the headers. */
  readonly stallAfterChunk?: number;
  /** The socket is destroyed after so many bytes of the body; 0 = after the headers. */
  readonly cutAtByte?: number;
  /** The socket is destroyed instead of an answer. */
  readonly cutBeforeHeaders?: boolean;
  /** Waits there for a release. */
  readonly holdBefore?: HoldPoint;
  /** How often this reply is given before the next one; 1 unless told. */
  readonly repeat?: number | 'forever';
}

export interface Script {
  readonly match?: ScriptMatch;
  readonly replies: readonly ScriptedReply[];
}

/** What is wrong with a script, for whoever wrote it. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

type Check = (value: unknown) => boolean;
type Checks<Shape> = { readonly [Key in keyof Required<Shape>]: Check };

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => typeof value === 'number' && value >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCall: Check = (value) =>
  isObject(value) &&
  isText(value['name']) &&
  isText(value['arguments']) &&
  (value['id'] === undefined || isText(value['id']));

const MATCH_CHECKS: Checks<ScriptMatch> = {
  provider: isText,
  model: isText,
  contains: isText,
  marker: isText,
  path: isText,
};

const REPLY_CHECKS: Checks<ScriptedReply> = {
  status: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
  headers: (value) => isObject(value) && Object.values(value).every(isText),
  body: () => true,
  sse: Array.isArray,
  text: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  reasoning: isText,
  toolCalls: (value) => Array.isArray(value) && value.every(isCall),
  finishReason: isText,
  usage: (value) => value === null || isObject(value),
  delayHeadersMs: isCount,
  delayFirstTokenMs: isCount,
  paceMs: isCount,
  keepAliveEveryMs: isCount,
  stallAfterChunk: isCount,
  cutAtByte: isCount,
  cutBeforeHeaders: (value) => typeof value === 'boolean',
  holdBefore: (value) => value === 'headers' || value === 'first_token' || value === 'end',
  repeat: (value) => value === 'forever' || (Number.isInteger(value) && Number(value) > 0),
};

function check(value: unknown, checks: Readonly<Record<string, Check>>, where: string): void {
  if (!isObject(value)) throw new ScriptError(`${where} must be an object`);
  for (const [key, member] of Object.entries(value)) {
    const rule = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (rule === undefined) {
      throw new ScriptError(
        `${where} has an unknown member "${key}"; known are ${Object.keys(checks).join(', ')}`,
      );
    }
    if (member !== undefined && !rule(member)) throw new ScriptError(`${where}.${key} has a wrong value`);
  }
}

/** Reads a script from outside. A mistyped member is refused: a script that is half understood judges nothing. */
export function parseScript(value: unknown): Script {
  check(value, { match: () => true, replies: Array.isArray }, 'script');
  const { match, replies } = value as { match?: unknown; replies?: unknown };
  if (match !== undefined) check(match, MATCH_CHECKS, 'script.match');
  if (!Array.isArray(replies) || replies.length === 0)
    throw new ScriptError('script.replies must hold a reply');
  replies.forEach((reply: unknown, index) => check(reply, REPLY_CHECKS, `script.replies[${index}]`));
  return value as Script;
}
