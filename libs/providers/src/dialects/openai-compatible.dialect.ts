import { httpDialect } from '../http-provider';
import { quirksOf } from './openai-compatible/quirks';
import { ReplyReader } from './openai-compatible/reply-reader';
import { requestBody } from './openai-compatible/request';
import { readUpstreamError } from './openai-compatible/upstream-error';

/** OpenAI's chat completions, as OpenAI, Moonshot, Kimi, GLM, OpenRouter and many others speak them. */
export const openAiCompatibleDialect = httpDialect('openai_compatible', ({ name }) => {
  const quirks = quirksOf(name);
  return {
    request: (request) => ({
      path: '/chat/completions',
      body: requestBody(request, quirks),
      adjustments: [],
    }),
    read: (reply, { call, settings }) => new ReplyReader(reply, { call, settings, quirks }).events(),
    refusal: readUpstreamError,
  };
});
