import { httpDialect } from '../http-provider';
import { rowsOf } from '../model-listing';
import { limitsOf } from './anthropic/limits';
import { ReplyReader } from './anthropic/reply-reader';
import { VERSION_HEADER, wireRequest } from './anthropic/request';
import { readUpstreamError } from './anthropic/upstream-error';

/** Anthropic's Messages. https://platform.claude.com/docs/en/api/messages */
export const anthropicDialect = httpDialect(
  'anthropic',
  () => ({
    request: wireRequest,
    read: (reply, { call, settings, request: { model } }) =>
      new ReplyReader(reply, { call, settings, model }).events(),
    refusal: readUpstreamError,
    limits: limitsOf,
  }),
  // Twenty stand on a page unless more are asked for.
  { path: '/models?limit=1000', headers: VERSION_HEADER, read: rowsOf('data', 'id') },
);
