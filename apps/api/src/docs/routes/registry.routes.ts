import { CAPABILITIES, TIERS } from '@longhaul/contract';
import { MODEL_STATUSES } from '../../registry/model-query';
import { CAPABLE, EXPLANATION, MODEL, PING, PROVIDER } from '../examples/registry';
import { IF_NONE_MATCH, inPath, inQuery } from '../parameters';
import { AnswerDoc, RouteDoc } from '../route-doc';
import { wholeListOf } from '../schemas/list.schema';
import { oneOf, ref } from '../schemas/view';

const UNCHANGED: AnswerDoc = {
  status: 304,
  description: 'Nothing has changed since the `ETag` that was sent.',
  headers: ['etag', 'cache-control'],
};

export const EXPLAIN_ROUTE: RouteDoc = {
  id: 'explainRoute',
  group: 'Models and providers',
  method: 'POST',
  path: '/v1/routes/explain',
  summary: 'Where would a job run, and why?',
  description: [
    'Takes the body of a job, with `assume` besides, and neither stores nor runs anything: which models would be tried in which order, which were refused and why, and what a call may cost.',
    'A job that would be refused for want of a model is explained too: `chain` is then empty, and `error` says what the refusal would be.',
  ],
  body: { schema: ref('RouteQuestion'), isRequired: true },
  answers: [
    {
      status: 200,
      description: 'The choice and its reasons.',
      headers: ['cache-control'],
      schema: ref('RouteExplanation'),
      example: EXPLANATION,
    },
  ],
  errors: ['model_not_found'],
  example: {
    shell: ({ api, curl, chatModel }) =>
      `${curl} ${api}/v1/routes/explain -H 'content-type: application/json' \\
  -d '{"type":"chat","model":"${chatModel}","input":{"messages":[{"role":"user","content":"Hello"}]}}'`,
    statuses: [200],
  },
};

export const LIST_MODELS: RouteDoc = {
  id: 'listModels',
  group: 'Models and providers',
  method: 'GET',
  path: '/v1/models',
  summary: 'List the models',
  description: ['Every model of the catalogue, whether a job that names it would be taken, and why not.'],
  parameters: [
    inQuery('provider', { description: 'Only models of this provider.', schema: { type: 'string' } }),
    inQuery('available', {
      description: 'Only models that can be named now, or only those that cannot.',
      schema: oneOf(['true', 'false']),
    }),
    inQuery('capability', { description: 'Only models that have it.', schema: oneOf(CAPABILITIES) }),
    inQuery('tier', { description: 'Only targets of this tier.', schema: oneOf(TIERS) }),
    inQuery('status', { description: 'Only models of this status.', schema: oneOf(MODEL_STATUSES) }),
    inQuery('free', {
      description: 'Only models that cost nothing, or only those that do.',
      schema: oneOf(['true', 'false']),
    }),
    IF_NONE_MATCH,
  ],
  answers: [
    {
      status: 200,
      description: 'All of them on one page.',
      headers: ['etag', 'cache-control'],
      schema: wholeListOf('Model'),
      example: { object: 'list', data: [MODEL] },
    },
    UNCHANGED,
  ],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/models?available=true"`,
    statuses: [200],
  },
};

export const GET_MODEL: RouteDoc = {
  id: 'getModel',
  group: 'Models and providers',
  method: 'GET',
  path: '/v1/models/{id}',
  summary: 'Look at a model',
  description: ['By the string that names it, an id alone, or an alias.'],
  parameters: [
    inPath('id', {
      description: 'The model. Slashes in it may stand as they are, or as `%2F`.',
      schema: { type: 'string' },
      isRestOfPath: true,
    }),
    IF_NONE_MATCH,
  ],
  answers: [
    {
      status: 200,
      description: 'The model.',
      headers: ['etag', 'cache-control'],
      schema: ref('Model'),
      example: MODEL,
    },
    UNCHANGED,
  ],
  example: {
    shell: ({ api, curl }) => `${curl} ${api}/v1/models/sandbox/echo`,
    statuses: [200],
  },
};

export const LIST_PROVIDERS: RouteDoc = {
  id: 'listProviders',
  group: 'Models and providers',
  method: 'GET',
  path: '/v1/providers',
  summary: 'List the providers',
  description: [
    'For whoever runs Longhaul: which keys are there and where they were looked for, what is in flight and what waits, what of its limits is used, what is left alone after failures, what failed last. Never a key.',
  ],
  answers: [
    {
      status: 200,
      description: 'In the order in which `auto` looks at them.',
      headers: ['cache-control'],
      schema: wholeListOf('Provider'),
      example: { object: 'list', data: [PROVIDER] },
    },
  ],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/providers`, statuses: [200] },
};

export const GET_PROVIDER: RouteDoc = {
  id: 'getProvider',
  group: 'Models and providers',
  method: 'GET',
  path: '/v1/providers/{name}',
  summary: 'Look at a provider',
  description: ['The same of one.'],
  parameters: [inPath('name', { description: 'Its `id`.', schema: { type: 'string' } })],
  answers: [
    {
      status: 200,
      description: 'The provider.',
      headers: ['cache-control'],
      schema: ref('Provider'),
      example: PROVIDER,
    },
  ],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/providers/sandbox`, statuses: [200] },
};

const NAME = inPath('name', { description: 'Its `id`.', schema: { type: 'string' } });

export const GET_CAPABILITIES: RouteDoc = {
  id: 'getProviderCapabilities',
  group: 'Models and providers',
  method: 'GET',
  path: '/v1/providers/{name}/capabilities',
  summary: 'Look at a provider and all that is known of it',
  description: [
    'The provider with its limits and circuits, how the calls of its models have gone, and what to do about what fails.',
    'With `live=true` the provider is asked for its own list of models and, where it tells, for what is left on the key: endpoints that cost nothing, answered within five seconds, and kept for ten.',
  ],
  parameters: [
    NAME,
    inQuery('live', {
      description: 'Whether to ask the provider itself.',
      schema: oneOf(['true', 'false']),
    }),
  ],
  answers: [
    {
      status: 200,
      description: 'What is known.',
      headers: ['cache-control'],
      schema: ref('ProviderCapabilities'),
      example: CAPABLE,
    },
  ],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/providers/sandbox/capabilities?live=true"`,
    statuses: [200],
  },
};

export const PING_PROVIDER: RouteDoc = {
  id: 'pingProvider',
  group: 'Models and providers',
  method: 'POST',
  path: '/v1/providers/{name}/ping',
  summary: 'Does a provider answer, and take the key?',
  description: [
    'Asks for its list of models and, where it tells, for what is left on the key. That it does not answer is no error of this route: `error` says why. No model is called, unless `ROUTER_PREFLIGHT_CHAT` is true: then a tiny chat job follows, which is paid for and booked as any other.',
  ],
  parameters: [NAME],
  answers: [
    {
      status: 200,
      description: 'What came of it.',
      headers: ['cache-control'],
      schema: ref('ProviderPing'),
      example: PING,
    },
  ],
  example: {
    shell: ({ api, curl }) => `${curl} -X POST ${api}/v1/providers/sandbox/ping`,
    statuses: [200],
  },
};
