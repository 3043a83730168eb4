import { createHash } from 'node:crypto';
import { demandedCall, demandedJson } from './demand';
import { WantedCall } from './wire';

/** A request below a provider's base URL, read as far as the sandbox needs it. */
export interface UpstreamCall {
  readonly provider: string;
  readonly path: string;
  readonly model: string | null;
  /** Null when the body is no chat request; the models then refuse it, a script may still answer. */
  readonly lastUserText: string | null;
  /** The result of a tool, where that is the last message. */
  readonly toolResult: string | null;
  /** The call that the request leaves no choice about; none once a tool has answered. */
  readonly demandedCall: WantedCall | null;
  /** An answer of the schema that the request asks for. */
  readonly demandedJson: string | null;
  /** Everything the model would read. Held for matching and billing only, never logged. */
  readonly prompt: string;
  readonly promptSha256: string;
  readonly marker: string | null;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number | null;
  /** Numbers and switches of the body's first level: no text, so no prompt can be among them. */
  readonly parameters: Readonly<Record<string, number | boolean>>;
}

/** The provider word of a base URL without one (`/v1`). */
export const DEFAULT_PROVIDER = 'sandbox';

/** Ollama's paths begin with /api and have no version. */
const BASE_URL = /^(?:\/([\w-]+))?(\/(?:v\d+\w*|api)\/.+)$/;
const MARKER = /\[\[([\w-]+)\]\]/;

/** `/moonshot/v1/chat/completions` → moonshot and `/v1/chat/completions`; null for a path below no base URL. */
export function splitPath(pathname: string): { readonly provider: string; readonly path: string } | null {
  const found = BASE_URL.exec(pathname);
  if (found === null) return null;
  return { provider: found[1] ?? DEFAULT_PROVIDER, path: found[2] ?? '' };
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseFields(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

/** Content is a string, or a list of parts of which the text ones count. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts: readonly unknown[] = content;
  return parts
    .map((part) => (isFields(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

interface Message {
  readonly role: string;
  readonly text: string;
}

function messagesOf(fields: Fields | null): readonly Message[] {
  const messages = fields?.['messages'];
  if (!Array.isArray(messages)) return [];
  const items: readonly unknown[] = messages;
  return items
    .filter(isFields)
    .map((item) => ({ role: String(item['role']), text: textOf(item['content']) }));
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}

function parametersOf(fields: Fields): Record<string, number | boolean> {
  const plain = Object.entries(fields).filter(
    (entry): entry is [string, number | boolean] =>
      typeof entry[1] === 'number' || typeof entry[1] === 'boolean',
  );
  return Object.fromEntries(plain);
}

/** Reads a body of any dialect; what is not there is null. The marker tells a test's jobs apart. */
export function readCall(place: { provider: string; path: string }, body: string): UpstreamCall {
  const fields = parseFields(body);
  const messages = messagesOf(fields);
  const lastUserText = messages.findLast((message) => message.role === 'user')?.text ?? null;
  const last = messages.at(-1);
  const toolResult = last?.role === 'tool' ? last.text : null;
  const word = lastUserText ?? '';
  const streamOptions = fields?.['stream_options'];
  const model = fields?.['model'];
  return {
    ...place,
    model: typeof model === 'string' ? model : null,
    lastUserText,
    toolResult,
    demandedCall: toolResult === null ? demandedCall(fields ?? {}, word) : null,
    demandedJson: demandedJson(fields ?? {}, word),
    prompt: messages.length === 0 ? body : messages.map((message) => message.text).join('\n'),
    promptSha256: createHash('sha256')
      .update(JSON.stringify(fields?.['messages'] ?? body))
      .digest('hex'),
    marker: MARKER.exec(lastUserText ?? body)?.[1] ?? null,
    stream: fields?.['stream'] === true,
    includeUsage: isFields(streamOptions) && streamOptions['include_usage'] === true,
    maxTokens: positive(fields?.['max_completion_tokens']) ?? positive(fields?.['max_tokens']),
    parameters: parametersOf(fields ?? {}),
  };
}
