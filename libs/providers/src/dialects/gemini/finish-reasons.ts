import { FinishReason } from '@longhaul/contract';

const FINISH: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  // It does not speak the language of the input or the answer, so as with a filter only another input helps.
  LANGUAGE: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
};

/** The model wrote a call that cannot be read, or of a tool that nobody offered. What came before is no answer. */
const FAILED = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
]);

export type Finish =
  | { readonly kind: 'finished'; readonly reason: FinishReason }
  | { readonly kind: 'failed'; readonly code: 'malformed_response' | 'rejected_request' };

/** `finishReason` of the wire. Gemini says STOP when it calls tools; a word that is new is kept as unknown. */
export function finishOf(word: string, hasCalls: boolean): Finish {
  if (FAILED.has(word)) return { kind: 'failed', code: 'malformed_response' };
  if (word === 'MISSING_THOUGHT_SIGNATURE') return { kind: 'failed', code: 'rejected_request' };
  const reason = Object.hasOwn(FINISH, word) ? (FINISH[word] ?? 'unknown') : 'unknown';
  const isCalling = hasCalls && (reason === 'stop' || reason === 'unknown');
  return { kind: 'finished', reason: isCalling ? 'tool_calls' : reason };
}
