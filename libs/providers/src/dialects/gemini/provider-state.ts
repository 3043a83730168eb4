import { ChatMessage, ProviderState } from '@longhaul/contract';
import { isObject, JsonObject } from '../../json';

/** What a model wants back of its own turn: its parts, with a signature on some, and which model signed. */
interface ModelTurn {
  readonly model: string;
  readonly parts: readonly JsonObject[];
}

const isSigned = (part: JsonObject): boolean => typeof part['thoughtSignature'] === 'string';
const textOf = (part: JsonObject): string => (typeof part['text'] === 'string' ? part['text'] : '');
const isThought = (part: JsonObject): boolean => part['thought'] === true;
const isPlainText = (part: JsonObject): boolean =>
  !isSigned(part) && !isThought(part) && typeof part['text'] === 'string';

/** The parts of one answer as they come. A signed part is kept as it is: its place and its content are signed too. */
export class TurnMemory {
  private readonly parts: JsonObject[] = [];

  note(part: JsonObject): void {
    // The summary of a thought is for readers; only a signature is wanted back.
    if (isThought(part) && !isSigned(part)) return;
    const last = this.parts.at(-1);
    if (last !== undefined && isPlainText(last) && isPlainText(part)) {
      this.parts[this.parts.length - 1] = { text: textOf(last) + textOf(part) };
    } else {
      this.parts.push(part);
    }
  }

  /** Undefined when nothing is signed: the message itself then says all. */
  stateFor(model: string): ProviderState['data'] | undefined {
    return this.parts.some(isSigned) ? { model, parts: this.parts } : undefined;
  }
}

const turnOf = (data: ProviderState['data']): ModelTurn | undefined => {
  const { model, parts } = data;
  return typeof model === 'string' && Array.isArray(parts) && parts.every(isObject)
    ? { model, parts: parts as readonly JsonObject[] }
    : undefined;
};

const namesOf = (parts: readonly JsonObject[]): unknown[] =>
  parts.flatMap(({ functionCall }) => (isObject(functionCall) ? [functionCall['name']] : []));

const saidIn = ({ content }: ChatMessage): string =>
  typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join('');

/**
 * The parts to send back for a message; undefined when there are none, when another model signed them, which Gemini
 * refuses, or when the message says something else by now.
 */
export function partsToEcho(message: ChatMessage, model: string): readonly JsonObject[] | undefined {
  const turn = message.state === undefined ? undefined : turnOf(message.state.data);
  if (turn?.model !== model) return undefined;
  const { parts } = turn;
  const shown = parts
    .filter((part) => !isThought(part))
    .map(textOf)
    .join('');
  const names = (message.toolCalls ?? []).map(({ name }) => name);
  const isSame =
    shown.trim() === saidIn(message).trim() && JSON.stringify(namesOf(parts)) === JSON.stringify(names);
  return isSame ? parts : undefined;
}
