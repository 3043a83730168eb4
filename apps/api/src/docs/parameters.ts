import { INCLUDES } from '@longhaul/jobs';
import { ParameterDoc } from './route-doc';

type Told = Omit<ParameterDoc, 'name' | 'in'>;

export const inPath = (name: string, told: Told): ParameterDoc => ({ name, in: 'path', ...told });
export const inQuery = (name: string, told: Told): ParameterDoc => ({ name, in: 'query', ...told });
export const inHeader = (name: string, told: Told): ParameterDoc => ({ name, in: 'header', ...told });

export const JOB_ID = inPath('id', {
  description: 'The job’s `id`.',
  schema: { type: 'string', pattern: '^[\\w-]{1,64}$' },
});

export const WAIT = inQuery('wait', {
  description: 'Seconds to wait for the end, at most 55. The answer comes as soon as the job ends.',
  schema: { type: 'number', minimum: 0 },
});

export const INCLUDE = inQuery('include', {
  description: `What to add to the job: ${INCLUDES.map((word) => `\`${word}\``).join(', ')}; several with commas.`,
  schema: { type: 'string' },
});

export const PREFER = inHeader('prefer', {
  description: '`wait=20` asks for the same wait as `?wait=20`, as RFC 7240 writes it.',
  schema: { type: 'string' },
});

export const IDEMPOTENCY_KEY = inHeader('idempotency-key', {
  description:
    'Any text of yours, to 255 visible characters. The same key with the same body is the same job for 24 hours, however often it is sent; so a request that got no answer can be sent again.',
  schema: { type: 'string', minLength: 1, maxLength: 257 },
});

export const IF_NONE_MATCH = inHeader('if-none-match', {
  description: 'The `ETag` of an earlier answer: `304` without a body when nothing has changed.',
  schema: { type: 'string' },
});
