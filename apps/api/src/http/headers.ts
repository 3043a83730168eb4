/**
 * On every answer, whoever gives it; a route that may be kept by a cache says so itself. OpenAI clients read `x-request-id`, Anthropic's `request-id`.
 */
export const headersOfAll = (requestId: string): Record<string, string> => ({
  'x-request-id': requestId,
  'request-id': requestId,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
});
