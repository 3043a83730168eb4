import { httpDialect } from '../http-provider';
import { limitsOf } from './openai-compatible/limits';
import { quirksOf } from './openai-compatible/quirks';
import { ReplyReader } from './openai-compatible/reply-reader';
import { wireRequest } from './openai-compatible/request';
import { readUpstreamError } from './openai-compatible/upstream-error';

/** OpenAI's chat completions, as OpenAI, Moonshot, Kimi, GLM, OpenRouter and many others speak them. */
export const openAiCompatibleDialect = httpDialect('openai_compatible', ({ name }) => {
  const quirks = quirksOf(name);
  return {
    request: (request) => wireRequest(request, quirks),
    read: (reply, reading) => new ReplyReader(reply, { ...reading, quirks }).events(),
    refusal: (reply) => readUpstreamError(reply, quirks),
    limits: limitsOf,
  };
});
