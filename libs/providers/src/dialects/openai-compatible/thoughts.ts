import { isObject, JsonObject } from '../../json';
import { Quirks } from './quirks';

/** More than any model thinks; an upstream that does not stop must not fill our memory. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Pieces of one block of a stream: their texts are joined, everything else is that of the last piece that has it. */
function joined(before: JsonObject, after: JsonObject): JsonObject {
  const told = Object.entries(after).filter(([, value]) => value !== null && value !== undefined);
  const texts = ['text', 'summary'].flatMap((member) => {
    const [start, rest] = [before[member], after[member]];
    return typeof start === 'string' && typeof rest === 'string' ? [[member, start + rest] as const] : [];
  });
  return { ...before, ...Object.fromEntries(told), ...Object.fromEntries(texts) };
}

const WHOLE = 'reasoning.encrypted';
const isSameBlock = (before: JsonObject, after: JsonObject): boolean =>
  before['type'] === after['type'] && before['index'] === after['index'] && after['type'] !== WHOLE;

const detailTextOf = (detail: JsonObject): string => {
  const text = detail['text'] ?? detail['summary'];
  return typeof text === 'string' ? text : '';
};

/** What a model thought, as its provider wants it back. */
export class Thoughts {
  private text = '';
  private details: JsonObject[] = [];
  private characters = 0;

  constructor(private readonly echo: Quirks['echo']) {}

  /** The piece of reasoning in a delta or message; `stated` is its plain text, if it has one. */
  take(part: JsonObject, stated: string): string {
    const listed: unknown = part['reasoning_details'];
    const pieces = Array.isArray(listed) ? listed.filter(isObject) : [];
    const text = stated === '' ? pieces.map(detailTextOf).join('') : stated;
    if (this.echo !== null) this.keep(text, pieces);
    return text;
  }

  /** Undefined where nothing was thought, or the provider wants nothing back. */
  get state(): JsonObject | undefined {
    const { text, details, echo } = this;
    switch (echo) {
      case null:
        return undefined;
      case 'reasoning_content':
        return text === '' ? undefined : { reasoning_content: text };
      case 'reasoning_details':
        if (details.length > 0) return { reasoning_details: details };
        return text === '' ? undefined : { reasoning: text };
      default:
        return echo satisfies never;
    }
  }

  /** Thoughts without an end are not worth giving back, and half of them are refused. */
  private keep(text: string, pieces: readonly JsonObject[]): void {
    this.characters += text.length + (pieces.length === 0 ? 0 : JSON.stringify(pieces).length);
    if (this.characters > MOST_CHARACTERS) {
      this.text = '';
      this.details = [];
      return;
    }
    this.text += text;
    for (const piece of pieces) this.addDetail(piece);
  }

  private addDetail(piece: JsonObject): void {
    const last = this.details.at(-1);
    if (last !== undefined && isSameBlock(last, piece)) this.details.splice(-1, 1, joined(last, piece));
    else this.details.push(piece);
  }
}
