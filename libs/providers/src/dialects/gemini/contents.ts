import { ChatMessage, ChatRequest, ToolCall } from '@longhaul/contract';
import { isObject, JsonObject, parseJson } from '../../json';
import { isOlder } from './model-means';
import { imageNotes, imagesOf, instructionNotes, partsOf, textOf } from './parts';
import { partsToEcho } from './provider-state';

export interface Contents {
  readonly systemInstruction?: JsonObject;
  readonly contents: readonly JsonObject[];
  readonly notes: readonly string[];
}

/** Google's own word for a call that no Gemini made: without a signature from Gemini 3 on a call is refused. */
const NOT_SIGNED = 'skip_thought_signature_validator';

/** "Function call turn comes immediately after a user turn": a conversation that begins with one is refused. */
const OPENING: JsonObject = { role: 'user', parts: [{ text: '(The conversation begins with an answer.)' }] };

/** A call as it goes out. An id is sent with a result only if the call itself has it. */
interface SentCall {
  readonly name: string;
  readonly place: number;
  readonly id?: string;
}

/** Messages as turns of `user` and `model`. Pure, one use. */
class Turns {
  readonly contents: JsonObject[] = [];
  private readonly sent = new Map<string, SentCall>();
  private results: ChatMessage[] = [];
  private unreadable = 0;

  constructor(private readonly request: ChatRequest) {}

  add(message: ChatMessage): void {
    if (message.role === 'tool') {
      this.results.push(message);
      return;
    }
    this.flushResults();
    if (message.role === 'assistant') this.push('model', this.modelParts(message));
    else this.push('user', partsOf(message));
  }

  /** The results of one turn of calls are one turn too, in the order of the calls. */
  flushResults(): void {
    const results = this.results.map((message) => ({
      message,
      call: this.sent.get(message.toolCallId ?? ''),
    }));
    this.results = [];
    if (results.length === 0) return;
    results.sort((left, right) => (left.call?.place ?? 0) - (right.call?.place ?? 0));
    const parts = results.map(({ message, call }) => ({
      functionResponse: {
        ...(call?.id === undefined ? {} : { id: call.id }),
        name: call?.name ?? '',
        response: { output: textOf(message) },
      },
    }));
    this.push('user', [...parts, ...results.flatMap(({ message }) => imagesOf(message))]);
  }

  get notes(): readonly string[] {
    const { unreadable } = this;
    if (unreadable === 0) return [];
    const calls = unreadable === 1 ? '1 tool call' : `${String(unreadable)} tool calls`;
    return [`${calls} went out without arguments: they are no JSON object.`];
  }

  private push(role: 'user' | 'model', parts: readonly JsonObject[]): void {
    if (parts.length > 0) this.contents.push({ role, parts });
  }

  private modelParts(message: ChatMessage): readonly JsonObject[] {
    const { toolCalls = [] } = message;
    const echoed = partsToEcho(message, this.request.model);
    if (echoed === undefined) {
      return [...partsOf(message), ...toolCalls.map((call, index) => this.callPart(call, index === 0))];
    }
    const called = echoed.flatMap(({ functionCall }) => (isObject(functionCall) ? [functionCall] : []));
    toolCalls.forEach(({ id, name }, index) => {
      const ownId = called[index]?.['id'];
      this.remember(id, typeof ownId === 'string' ? { name, id: ownId } : { name });
    });
    return echoed;
  }

  private callPart({ id, name, arguments: text }: ToolCall, isFirst: boolean): JsonObject {
    this.remember(id, { name, id });
    const args = parseJson(text.trim() === '' ? '{}' : text);
    if (!isObject(args)) this.unreadable += 1;
    const functionCall = { id, name, args: isObject(args) ? args : {} };
    if (isOlder(this.request)) return { functionCall };
    // Of calls made together only the first is signed.
    return isFirst ? { functionCall, thoughtSignature: NOT_SIGNED } : { functionCall };
  }

  private remember(id: string, call: Omit<SentCall, 'place'>): void {
    this.sent.set(id, { ...call, place: this.sent.size });
  }
}

/** There is one place for instructions, before all turns. A conversation of instructions alone has to be a turn. */
function placedInstructions({ messages }: ChatRequest): {
  readonly instructions: readonly ChatMessage[];
  readonly rest: readonly ChatMessage[];
  readonly notes: readonly string[];
} {
  const instructions = messages.filter(({ role }) => role === 'system');
  const rest = messages.filter(({ role }) => role !== 'system');
  if (rest.length === 0) {
    const notes = ['The system message was sent as the user’s: Gemini answers no request without one.'];
    return { instructions: [], rest: instructions, notes };
  }
  const isMoved = messages.slice(0, instructions.length).some(({ role }) => role !== 'system');
  return {
    instructions,
    rest,
    notes: isMoved
      ? ['A system message from within the conversation was moved to its start, where Gemini takes it.']
      : [],
  };
}

/** The conversation as Gemini takes it. Pure. */
export function contentsOf(request: ChatRequest): Contents {
  const { instructions, rest, notes } = placedInstructions(request);
  const turns = new Turns(request);
  for (const message of rest) turns.add(message);
  turns.flushResults();
  const parts = instructions
    .map(textOf)
    .filter((text) => text !== '')
    .map((text) => ({ text }));
  const isBegunByModel = turns.contents[0]?.['role'] === 'model';
  return {
    ...(parts.length === 0 ? {} : { systemInstruction: { parts } }),
    contents: isBegunByModel ? [OPENING, ...turns.contents] : turns.contents,
    notes: [
      ...notes,
      ...(isBegunByModel ? ['A first user message was added: Gemini takes no call before one.'] : []),
      ...turns.notes,
      ...instructionNotes(instructions),
      ...imageNotes(rest),
    ],
  };
}
