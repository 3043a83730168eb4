import { LOADED } from '../examples/registry';
import { inPath } from '../parameters';
import { RouteDoc } from '../route-doc';
import { ref } from '../schemas/view';

const NAME = inPath('name', { description: 'Its `id`.', schema: { type: 'string' } });

/** What an Ollama that is asked may end in. */
const CALLED = [
  'network_error',
  'timeout',
  'model_unavailable',
  'upstream_error',
  'overloaded',
  'malformed_response',
  'rejected_request',
] as const;
const MODEL_BODY = { schema: ref('ModelName'), isRequired: true } as const;
const bodyOf = `-H 'content-type: application/json' -d '{"model":"qwen3.5:latest"}'`;

export const LOAD_MODEL: RouteDoc = {
  id: 'loadModel',
  group: 'Models and providers',
  method: 'POST',
  path: '/v1/providers/{name}/load',
  summary: 'Load a model before it is needed',
  description: [
    'For an Ollama of your own: the model is in memory when the answer comes, which takes minutes for a large one, and stays for the `keep_alive` of the provider. Nothing is generated. Other providers are refused: they load by themselves.',
  ],
  parameters: [NAME],
  body: MODEL_BODY,
  answers: [
    {
      status: 200,
      description: 'It is loaded.',
      headers: ['cache-control'],
      schema: ref('LoadedModel'),
      example: LOADED,
    },
  ],
  errors: [...CALLED],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/providers/ollama/load ${bodyOf}`, statuses: [200] },
};

export const UNLOAD_MODEL: RouteDoc = {
  id: 'unloadModel',
  group: 'Models and providers',
  method: 'POST',
  path: '/v1/providers/{name}/unload',
  summary: 'Take a model out of memory',
  description: ['For an Ollama of your own. A call that still runs ends first.'],
  parameters: [NAME],
  body: MODEL_BODY,
  answers: [
    {
      status: 200,
      description: 'Ollama has taken note.',
      headers: ['cache-control'],
      schema: ref('LoadedModel'),
      example: { ...LOADED, loaded: false },
    },
  ],
  errors: [...CALLED],
  example: {
    shell: ({ api, curl }) => `${curl} ${api}/v1/providers/ollama/unload ${bodyOf}`,
    statuses: [200],
  },
};
