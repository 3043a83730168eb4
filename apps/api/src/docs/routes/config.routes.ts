import { EFFECTIVE, RELOAD, ROLLBACK, SNAPSHOT, VERSION } from '../examples/config';
import { inPath, inQuery } from '../parameters';
import { AnswerDoc, RouteDoc } from '../route-doc';
import { ref } from '../schemas/view';

const JSON_BODY = `-H 'content-type: application/json'`;

const answer = (description: string, schema: string, example: unknown): AnswerDoc => ({
  status: 200,
  description,
  headers: ['cache-control'],
  schema: ref(schema),
  example,
});

export const GET_EFFECTIVE_CONFIG: RouteDoc = {
  id: 'getEffectiveConfig',
  group: 'Configuration',
  method: 'GET',
  path: '/v1/config/effective',
  summary: 'What holds, and who says so?',
  description: [
    'Every setting with its value and its origin: an override, the environment, a file, or built in. No secret is among them.',
  ],
  answers: [answer('As it holds in the process that answers.', 'EffectiveConfig', EFFECTIVE)],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/config/effective`, statuses: [200] },
};

export const CHANGE_CONFIG: RouteDoc = {
  id: 'changeConfig',
  group: 'Configuration',
  method: 'POST',
  path: '/v1/admin/config',
  summary: 'Change the configuration while it runs',
  description: [
    'Sets and unsets overrides, which beat environment and files, in all processes within two seconds. The whole is checked first: what is at fault is refused with its place and the fix, and the old configuration stays in force. Jobs that were accepted keep their decision.',
    'Which settings can be overridden stands in docs/configuration.md. Keys, base URLs, ports, stores and clocks cannot.',
  ],
  body: { schema: ref('ConfigChange'), isRequired: true },
  answers: [answer('The version that is in force now, or would be.', 'ConfigVersion', VERSION)],
  errors: ['config_rejected'],
  example: {
    shell: ({ api, curl }) =>
      `${curl} ${api}/v1/admin/config ${JSON_BODY} \\
  -d '{"set":{"MAX_INFLIGHT_SANDBOX":5,"ROUTING_PROFILE":"balanced"},"reason":"A quieter evening."}'`,
    statuses: [200],
  },
};

export const LIST_CONFIG_VERSIONS: RouteDoc = {
  id: 'listConfigVersions',
  group: 'Configuration',
  method: 'GET',
  path: '/v1/admin/config',
  summary: 'Who changed what, when and why?',
  description: ['Every version of the overrides, the newest first.'],
  parameters: [
    inQuery('limit', {
      description: 'How many, at most 100.',
      schema: { type: 'integer', minimum: 1, default: 20 },
    }),
    inQuery('before', {
      description: 'Only versions below this one: the last of the page before.',
      schema: { type: 'integer', minimum: 0 },
    }),
  ],
  answers: [answer('One page.', 'ConfigHistory', { object: 'list', data: [VERSION], has_more: false })],
  example: { shell: ({ api, curl }) => `${curl} "${api}/v1/admin/config?limit=5"`, statuses: [200] },
};

export const GET_CONFIG_VERSION: RouteDoc = {
  id: 'getConfigVersion',
  group: 'Configuration',
  method: 'GET',
  path: '/v1/admin/config/{version}',
  summary: 'Look at a version of the overrides',
  description: ['What it changed, and the whole set that it left.'],
  parameters: [
    inPath('version', { description: 'Its number.', schema: { type: 'string', pattern: '^\\d{1,15}$' } }),
  ],
  answers: [answer('The version.', 'ConfigVersion', VERSION)],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/admin/config/1`, statuses: [200] },
};

export const ROLL_BACK_CONFIG: RouteDoc = {
  id: 'rollBackConfig',
  group: 'Configuration',
  method: 'POST',
  path: '/v1/admin/config/rollback',
  summary: 'Go back to an earlier version',
  description: [
    'Makes a new version with the overrides of an earlier one; 0 takes all of them away. It is checked as every change is.',
  ],
  body: { schema: ref('ConfigRollback'), isRequired: true },
  answers: [answer('The new version.', 'ConfigVersion', ROLLBACK)],
  errors: ['config_rejected'],
  example: {
    shell: ({ api, curl }) =>
      `${curl} ${api}/v1/admin/config/rollback ${JSON_BODY} -d '{"version":0,"reason":"Back to the files."}'`,
    statuses: [200],
  },
};

export const RELOAD_REGISTRY: RouteDoc = {
  id: 'reloadRegistry',
  group: 'Configuration',
  method: 'POST',
  path: '/v1/admin/registry/reload',
  summary: 'Read the files again',
  description: [
    'Checks the files of the process that answers, then has every process read its own. One whose files are at fault keeps what it has, and says so in `/readyz`.',
  ],
  body: { schema: ref('RegistryReload'), isRequired: false },
  answers: [answer('What was read.', 'RegistryReloadReport', RELOAD)],
  errors: ['config_rejected'],
  example: {
    shell: ({ api, curl }) => `${curl} -X POST ${api}/v1/admin/registry/reload`,
    statuses: [200],
  },
};

export const GET_REGISTRY_SNAPSHOT: RouteDoc = {
  id: 'getRegistrySnapshot',
  group: 'Configuration',
  method: 'GET',
  path: '/v1/registry/snapshot',
  summary: 'All that a choice is made from',
  description: [
    'Providers, models, aliases, restrictions, preferences, and the rules in their order. The same is kept in `registry-snapshot.json` in the data directory of each API process.',
  ],
  answers: [answer('What is in force in the process that answers.', 'RegistrySnapshot', SNAPSHOT)],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/registry/snapshot`, statuses: [200] },
};
