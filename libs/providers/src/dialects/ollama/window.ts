import { ChatMessage, ChatRequest } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';

export const SMALLEST_WINDOW = 4_096;
/** Kept free for the answer when nobody has set a budget. */
const DEFAULT_OUTPUT = 4_096;
/** With so little left no answer has room; runners that fill the window stop within it. */
const SLACK = 8;
const OTHERWISE_BYTES_PER_TOKEN = 2;
/** A signed-in Ollama passes these on to its vendor, whatever it is told of windows. */
const PASSED_ON = /[-:]cloud$/;

/**
 * `num_ctx`: the prompt and the answer, up to the next power of two. Ollama loads a model anew for every other value, so
 * there are few. Null where the vendor opens the full window by itself.
 */
export function windowOf(settings: Pick<ProviderSettings, 'hosted'>, request: ChatRequest): number | null {
  if (settings.hosted || PASSED_ON.test(request.model)) return null;
  const needed = inputTokens(request) + (request.maxOutputTokens ?? DEFAULT_OUTPUT);
  let window = SMALLEST_WINDOW;
  while (window < needed) window *= 2;
  return Math.min(window, request.traits?.contextWindow ?? window);
}

const inputTokens = ({ inputTokens: estimated, messages, tools = [] }: ChatRequest): number =>
  estimated ??
  Math.ceil(
    Buffer.byteLength(messages.map(textOf).join('') + JSON.stringify(tools)) / OTHERWISE_BYTES_PER_TOKEN,
  );

const textOf = ({ content }: Pick<ChatMessage, 'content'>): string =>
  typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join(' ');

/** What the prompt has at least: no tokenizer in use makes one token of two words. Of the user alone, since templates
 * drop thoughts of the assistant and some know no system message. */
export function leastTokens({ messages }: ChatRequest): number {
  return messages.reduce((sum, message) => sum + (message.role === 'user' ? wordsIn(textOf(message)) : 0), 0);
}

/** Without a list of them: a prompt may have megabytes. */
function wordsIn(text: string): number {
  let words = 0;
  let isInside = false;
  for (let at = 0; at < text.length; at++) {
    const isWhite = text.charCodeAt(at) <= 0x20;
    if (!isWhite && !isInside) words++;
    isInside = !isWhite;
  }
  return words;
}

export interface Counts {
  /** `num_ctx` as it was sent. */
  readonly window: number;
  /** `prompt_eval_count`; null when the server has left it out. */
  readonly promptTokens: number | null;
  readonly outputTokens: number;
  readonly leastTokens: number;
}

/**
 * True when the model cannot have seen the whole prompt. Newer servers refuse one that is too long, as they are asked to
 * (`truncate`, `shift`); those before 0.12.6 cut it without a word, and only their counts tell:
 * - the prompt fills the window to the last few tokens: it was cut to fit, or the answer had no room. More than the
 *   window is no sign: then the server has opened a larger one.
 * - prompt and answer are more than the window, which slid while the answer was written
 * - the prompt has fewer tokens than words: messages were dropped, or the window is far smaller than it was told
 * No count, 0 and 1 say nothing: servers before 0.4 leave out what they had in their cache. They, and 0.30.0, also leave
 * out a part of it, and a prompt of which they had the most is taken for cut: a wrong success would be worse.
 */
export function hasLostPrompt({ window, promptTokens, outputTokens, leastTokens: least }: Counts): boolean {
  if (promptTokens === null || promptTokens <= 1 || promptTokens > window) return false;
  return (
    promptTokens > window - SLACK || promptTokens + outputTokens > window + SLACK || promptTokens < least
  );
}
