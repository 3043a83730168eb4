import { isObject, JsonObject } from '../../json';
import { Quirks } from './quirks';

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
  private readonly details: JsonObject[] = [];

  constructor(private readonly echo: Quirks['echo']) {}

  /** The piece of reasoning in a delta or message; `stated` is its plain text, if it has one. */
  take(part: JsonObject, stated: string): string {
    const listed: unknown = part['reasoning_details'];
    const pieces = Array.isArray(listed) ? listed.filter(isObject) : [];
    for (const piece of pieces) this.addDetail(piece);
    const text = stated === '' ? pieces.map(detailTextOf).join('') : stated;
    this.text += text;
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

  private addDetail(piece: JsonObject): void {
    const last = this.details.at(-1);
    if (last !== undefined && isSameBlock(last, piece)) this.details.splice(-1, 1, joined(last, piece));
    else this.details.push(piece);
  }
}
