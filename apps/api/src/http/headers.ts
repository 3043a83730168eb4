/** On every answer, whoever gives it. OpenAI clients read `x-request-id`, Anthropic's `request-id`. */
export const headersOfAll = (requestId: string): Record<string, string> => ({
  'x-request-id': requestId,
  'request-id': requestId,
  'x-content-type-options': 'nosniff',
});
