import { ErrorRowMatch } from '../../error-rows';

/** An error is one sentence without a code. Sources: the server's code, and what users of the cloud report. */
const BY_TEXT: readonly ErrorRowMatch[] = [
  {
    text: /prompt (is )?too long|longer than the context|exceed\w* .{0,40}context (length|window|size)/i,
    code: 'context_overflow',
  },
  // Every plan of the cloud has so many calls at once.
  { text: /concurrent request|concurrency/i, code: 'rate_limited' },
  {
    text: /usage limit|(hour|session|day|daily|week|month)\w* limit|quota|add (extra )?usage|usage credits/i,
    status: [200, 402, 403, 429],
    code: 'quota_exhausted',
  },
  { text: /subscription|upgrade for access/i, status: [402, 403], code: 'model_unavailable' },
  { text: /cloud is disabled|cannot run this remote model/i, code: 'model_unavailable' },
  {
    text: /model\b.{0,200}\b(not found|was retired|has been (retired|deprecated))|no longer available/is,
    status: [200, 400, 403, 404, 410, 500],
    code: 'model_unavailable',
  },
  { text: /overloaded|server busy|maximum pending requests/i, code: 'overloaded' },
  {
    text: /does not support|is not supported|invalid (think|format|option|model name)/i,
    code: 'rejected_request',
  },
];

const BY_STATUS: readonly ErrorRowMatch[] = [
  { status: [401, 403, 407], code: 'auth_failed' },
  { status: [402], code: 'quota_exhausted' },
  { status: [404, 410], code: 'model_unavailable' },
  { status: [408, 504], code: 'timeout' },
  { status: [409, 425, 503, 529], code: 'overloaded' },
  { status: [429], code: 'rate_limited' },
  // "request canceled": nobody here has done that.
  { status: [499], code: 'upstream_error' },
];

/** The order is the authority: messages first, since statuses lie. */
export const ERROR_ROWS: readonly ErrorRowMatch[] = [...BY_TEXT, ...BY_STATUS];

/** Ollama has no words for its errors, so these stand in our messages for what its sentence says. */
export const WORDS: readonly (readonly [RegExp, string])[] = [
  [/out of memory|system memory|cudamalloc|unable to allocate|insufficient memory/i, 'out_of_memory'],
  [/does not support tools/i, 'no_tools'],
  [/does not support thinking/i, 'no_thinking'],
  [/does not support chat/i, 'no_chat'],
  [
    /runner process|runner (has )?(terminated|crashed)|llama-server.{0,40}(exited|terminated|crashed)/i,
    'runner_stopped',
  ],
  [/server busy|maximum pending requests/i, 'queue_full'],
  [/concurrent request/i, 'concurrency'],
  [/subscription|upgrade for access/i, 'subscription'],
];
