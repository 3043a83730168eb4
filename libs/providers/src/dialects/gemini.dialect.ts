import { httpDialect } from '../http-provider';
import { ModelListing, rowsOf } from '../model-listing';
import { ReplyReader } from './gemini/reply-reader';
import { requestOf } from './gemini/request';
import { readUpstreamError } from './gemini/upstream-error';

const rows = rowsOf('models', 'name');

/** The list names its models `models/<id>`, and gives fifty of them unless it is asked for more. */
const LISTING: ModelListing = {
  path: '/models?pageSize=1000',
  read: (body) =>
    rows(body)?.map((name) => (typeof name === 'string' ? name.replace(/^models\//, '') : name)) ?? null,
};

/** Google's generateContent, as the Gemini Developer API speaks it. */
export const geminiDialect = httpDialect(
  'gemini',
  () => ({
    request: requestOf,
    read: (reply, reading) => new ReplyReader(reply, reading).events(),
    refusal: readUpstreamError,
  }),
  LISTING,
);
