import { ErrorCode, ERRORS } from '@longhaul/contract';
import { COMPLETION } from '../examples/chat';
import { QUEUED_JOB } from '../examples/jobs';
import { JOB_HEADERS } from '../headers';
import { IDEMPOTENCY_KEY, PREFER } from '../parameters';
import { RouteDoc } from '../route-doc';
import { ref } from '../schemas/view';

/** Why a job may fail: its code becomes that of the answer. */
const ENDINGS = (Object.keys(ERRORS) as ErrorCode[]).filter(
  (code) => ERRORS[code].family === 'provider' || ERRORS[code].family === 'gateway',
);

/** A red dot of eight pixels by eight. */
const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mO4oKCAFTEMLQkAvk5EAYUHFA8AAAAASUVORK5CYII=';

export const CHAT: RouteDoc = {
  id: 'chat',
  group: 'Chat',
  method: 'POST',
  path: '/v1/chat',
  summary: 'Submit a chat and wait for its answer',
  description: [
    'A chat job for clients that want the answer in the answer, in the form of an OpenAI chat completion. Everything a job has holds here too: it is stored first, walks down its fallbacks, and can be read at its `Location`.',
    'Messages, tools and answers have OpenAI’s form. The `message` of an answer goes back into `messages` as it is, with `state`, which holds what its provider wants back; a tool’s result follows it as a message of the role `tool`. A model that cannot do what the body asks for (tools, images, a form of the answer, thinking) is not chosen.',
    'The wait ends after 280 seconds (`CHAT_WAIT_SECS`), or sooner with `Prefer: wait=n`; then the answer is `202` with the job, which goes on. A client that hangs up does not lose it either.',
  ],
  parameters: [IDEMPOTENCY_KEY, PREFER],
  body: { schema: ref('NewChat'), isRequired: true },
  answers: [
    {
      status: 200,
      description: 'The answer.',
      headers: [
        'location',
        'cache-control',
        'x-gateway-job-id',
        'x-gateway-provider',
        'x-gateway-model',
        'x-gateway-attempts',
        'preference-applied',
        'idempotent-replayed',
      ],
      schema: ref('ChatCompletion'),
      example: COMPLETION,
    },
    {
      status: 202,
      description: 'The wait ended first. The job goes on; read it at its `Location`.',
      headers: ['location', ...JOB_HEADERS, 'retry-after', 'preference-applied', 'idempotent-replayed'],
      schema: ref('Job'),
      example: QUEUED_JOB,
    },
  ],
  errors: ['model_not_found', 'no_route', 'idempotency_in_flight', 'idempotency_conflict', ...ENDINGS],
  errorHeaders: ['location', ...JOB_HEADERS, 'preference-applied', 'idempotent-replayed'],
  example: {
    shell: ({ api, curl, chatModel }) =>
      `${curl} ${api}/v1/chat -H 'content-type: application/json' \\
  -d '{"model":"${chatModel}","messages":[{"role":"user","content":"Hello"}]}'

# With a tool: the answer carries tool_calls. Its message goes back, followed by what the tool has said.
${curl} ${api}/v1/chat -H 'content-type: application/json' -d @- <<'JSON'
{ "model": "${chatModel}", "messages": [{ "role": "user", "content": "Paris" }], "tool_choice": "auto",
  "tools": [{ "type": "function", "function": { "name": "weather", "description": "The weather of a place, now.",
    "parameters": { "type": "object", "properties": { "place": { "type": "string" } }, "required": ["place"] } } }] }
JSON

# With an image: its data, or an https URL that the provider fetches.
${curl} ${api}/v1/chat -H 'content-type: application/json' -d @- <<'JSON'
{ "model": "${chatModel}", "messages": [{ "role": "user", "content": [{ "type": "text", "text": "What is this?" },
  { "type": "image_url", "image_url": { "url": "data:image/png;base64,${DOT}" } }] }] }
JSON

# With a form for the answer.
${curl} ${api}/v1/chat -H 'content-type: application/json' -d @- <<'JSON'
{ "model": "${chatModel}", "messages": [{ "role": "user", "content": "Name a city, as JSON." }],
  "response_format": { "type": "json_schema", "json_schema": { "name": "city", "schema": {
    "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"], "additionalProperties": false } } } }
JSON`,
    statuses: [200, 200, 200, 200],
  },
};
