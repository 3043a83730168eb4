import { httpDialect } from '../http-provider';
import { rowsOf } from '../model-listing';
import { ReplyReader } from './ollama/reply-reader';
import { wireRequest } from './ollama/request';
import { readUpstreamError } from './ollama/upstream-error';

/** Ollama's own API, of a server nearby or of its vendor's cloud. https://docs.ollama.com/api */
export const ollamaDialect = httpDialect(
  'ollama',
  (settings) => ({
    request: (request) => wireRequest(settings, request),
    read: (reply, { call, request }) => new ReplyReader(reply, { call, settings, request }).events(),
    refusal: (reply) => readUpstreamError(reply, settings.hosted),
  }),
  { path: '/api/tags', read: rowsOf('models', 'name') },
);
