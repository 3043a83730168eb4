import { ToolCall } from '@longhaul/contract';
import { isObject, JsonObject, objectAt, parseJson } from '../../json';
import { WireFailure } from '../../wire-failure';

/** Of one answer. More than any model writes; an upstream that does not stop must not fill our memory. */
const MOST_CALLS = 512;
const MOST_CHARACTERS = 4 * 1024 * 1024;

interface Growing {
  readonly index: number | null;
  id: string;
  name: string;
  arguments: string;
}

const textAt = (holder: JsonObject, member: string): string => {
  const value = holder[member];
  return typeof value === 'string' ? value : '';
};

/** GLM and some local servers send the arguments as an object, and whole. */
const argumentsOf = (made: JsonObject): string => {
  const value = made['arguments'];
  return isObject(value) ? JSON.stringify(value) : textAt(made, 'arguments');
};

/** A tool without parameters is called with nothing at all, or with null. */
const isNothing = (text: string): boolean => text.trim() === '' || text.trim() === 'null';

/** Arguments are read again with every piece that may begin another call, so only short ones are. */
const LONGEST_READ = 16 * 1024;
const isWholeObject = (text: string): boolean => text.length <= LONGEST_READ && isObject(parseJson(text));

/**
 * Servers that send whole calls give all of them the index 0, or none. So another id is another call, and with neither
 * index nor id a name after whole arguments is one.
 */
function isAnother(call: Growing, { index, id, name }: Omit<Growing, 'arguments'>): boolean {
  if (id !== '') return call.id !== '' && call.id !== id;
  return index === null && name !== '' && isWholeObject(call.arguments);
}

/** Puts tool calls together from the pieces of a stream: by their index, or by their id where it has none. */
export class ToolCalls {
  private readonly growing: Growing[] = [];
  private characters = 0;

  /** @param takenIds the ids of the conversation so far: one that we make must not be among them */
  constructor(private readonly takenIds: ReadonlySet<string>) {}

  /** A delta or a message. True when it brought something of a call. @throws WireFailure too_large */
  take(part: JsonObject): boolean {
    const listed: unknown = part['tool_calls'];
    const pieces = Array.isArray(listed) ? listed.filter(isObject) : [];
    const news = pieces.map((piece, place) => {
      const { index } = piece;
      // A list of several without an index is in their order.
      const fallback = pieces.length > 1 ? place : null;
      return this.add(piece, objectAt(piece, 'function'), typeof index === 'number' ? index : fallback);
    });
    // The form before tool_calls: one call, without an id.
    if (pieces.length === 0 && isObject(part['function_call']))
      news.push(this.add({}, part['function_call'], null));
    return news.includes(true);
  }

  /**
   * The calls that are whole. Null when one of them is no call at all.
   * @param isCutShort the answer ended before the model did, so what is not whole was cut and is left out
   */
  whole(isCutShort: boolean): readonly ToolCall[] | null {
    const whole = this.growing.flatMap(({ id, name, arguments: text }) => {
      const isWhole = name !== '' && (isObject(parseJson(text)) || (isNothing(text) && !isCutShort));
      return isWhole ? [{ id, name, arguments: isNothing(text) ? '{}' : text }] : [];
    });
    return whole.length < this.growing.length && !isCutShort ? null : this.withIds(whole);
  }

  private add(piece: JsonObject, made: JsonObject, index: number | null): boolean {
    const id = textAt(piece, 'id');
    const name = textAt(made, 'name');
    const fragment = argumentsOf(made);
    const call = this.slotOf(index, id, name);
    if (call.id === '') call.id = id;
    // Some repeat the name with every piece.
    if (name !== call.name) call.name += name;
    call.arguments += fragment;
    this.characters += name.length + fragment.length;
    if (this.characters > MOST_CHARACTERS) throw new WireFailure('too_large', 'tool call');
    return name !== '' || fragment !== '';
  }

  private slotOf(index: number | null, id: string, name: string): Growing {
    const slot = index === null ? this.unnumbered(id) : this.growing.findLast((call) => call.index === index);
    if (slot !== undefined && !isAnother(slot, { index, id, name })) return slot;
    if (this.growing.length === MOST_CALLS) throw new WireFailure('too_large', 'list of tool calls');
    const fresh = { index, id: '', name: '', arguments: '' };
    this.growing.push(fresh);
    return fresh;
  }

  private unnumbered(id: string): Growing | undefined {
    return id === '' ? this.growing.at(-1) : this.growing.find((call) => call.id === id);
  }

  /** Every call needs an id of its own, by which its result is known. */
  private withIds(calls: readonly ToolCall[]): ToolCall[] {
    const taken = new Set(this.takenIds);
    for (const { id } of calls) taken.add(id);
    const seen = new Set<string>();
    let count = 0;
    return calls.map((call) => {
      let { id } = call;
      while (id === '' || seen.has(id)) {
        const made = `call_${String((count += 1))}`;
        id = taken.has(made) ? '' : made;
      }
      seen.add(id);
      return { ...call, id };
    });
  }
}
