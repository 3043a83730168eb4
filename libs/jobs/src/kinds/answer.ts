import { ChatAnswer, GatewayError } from '@longhaul/contract';

/**
 * Throws when an answer has no text: no kind may take silence for a result. The code says whether the content
 * was refused, reasoning used up the budget, or nothing came at all.
 */
export function refuseSilence({ text, toolCalls, finishReason }: ChatAnswer): void {
  if (text.trim() !== '' || toolCalls.length > 0) return;
  switch (finishReason) {
    case 'content_filter':
      throw filtered();
    case 'length':
      throw new GatewayError(
        'output_starved',
        'The model used up its output budget before any text came. Raise input.max_output_tokens.',
      );
    case 'stop':
    case 'tool_calls':
    case 'unknown':
      throw new GatewayError(
        'empty_output',
        'The model ended its answer without any text. Try another model.',
      );
  }
}

/** The error for an answer of which the provider's filter left nothing to use. */
export const filtered = (): GatewayError =>
  new GatewayError(
    'content_filtered',
    'The provider filtered the answer. Rephrase the input, or allow a fallback with routing.fallback_on_refusal.',
  );
