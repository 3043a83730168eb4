import { ProviderState } from '@longhaul/contract';
import { isObject, JsonObject } from '../../json';

/** One block of an answer as far as it must come back: thoughts whole, of the rest the place alone. */
export type KeptBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'text'; readonly length: number }
  | { readonly type: 'tool_use'; readonly id: string };

export const isThought = (
  block: KeptBlock,
): block is Extract<KeptBlock, { type: 'thinking' | 'redacted_thinking' }> =>
  block.type === 'thinking' || block.type === 'redacted_thinking';

/** Undefined for an answer without thoughts. Newer models take thoughts from none but themselves, hence the model. */
export const thoughtsToState = (
  model: string,
  blocks: readonly KeptBlock[],
): ProviderState['data'] | undefined => (blocks.some(isThought) ? { model, blocks } : undefined);

/** What was kept of an answer of this model. It comes back through the caller, so nothing of it is taken on trust. */
export function thoughtsOf(state: ProviderState | undefined, model: string): readonly KeptBlock[] {
  const { model: thinker, blocks } = state?.data ?? {};
  return thinker === model && Array.isArray(blocks) ? blocks.flatMap(keptBlock) : [];
}

function keptBlock(block: unknown): KeptBlock[] {
  if (!isObject(block)) return [];
  const { type, thinking, signature, data, length, id } = block;
  if (type === 'thinking' && typeof thinking === 'string' && typeof signature === 'string') {
    return [{ type, thinking, signature }];
  }
  if (type === 'redacted_thinking' && typeof data === 'string') return [{ type, data }];
  if (type === 'text' && typeof length === 'number') return [{ type, length }];
  return type === 'tool_use' && typeof id === 'string' ? [{ type, id }] : [];
}

export interface Spoken {
  readonly text: string;
  /** The tool calls as blocks, by their ids as they were given out. */
  readonly calls: ReadonlyMap<string, JsonObject>;
}

/**
 * An assistant's message in the order in which the model wrote it. The signatures hold for what stands before them, so
 * thoughts stay where they were; a message that was changed since gets its thoughts first, where every model takes them.
 */
export function withThoughts(kept: readonly KeptBlock[], { text, calls }: Spoken): JsonObject[] {
  const ordered: JsonObject[] = [];
  const left = new Map(calls);
  let at = 0;
  for (const block of kept) {
    if (block.type === 'text') ordered.push({ type: 'text', text: text.slice(at, (at += block.length)) });
    else if (block.type === 'tool_use') {
      const call = left.get(block.id);
      left.delete(block.id);
      ordered.push(...(call === undefined ? [] : [call]));
    } else ordered.push({ ...block });
  }
  const asWritten = at === text.length && left.size === 0;
  return asWritten ? ordered : [...kept.filter(isThought), { type: 'text', text }, ...calls.values()];
}
