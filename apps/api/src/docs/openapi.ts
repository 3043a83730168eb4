import { JsonSchema } from '@longhaul/contract';
import { HEADERS, HeaderName } from './headers';
import { AnswerDoc, GROUPS, ParameterDoc, RouteDoc } from './route-doc';
import { errorsByStatus, scopeOf } from './route-errors';
import { ref } from './schemas/view';

export interface DocumentSource {
  readonly routes: readonly RouteDoc[];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly version: string;
}

type Json = Readonly<Record<string, unknown>>;

const INTRODUCTION =
  'A self-hosted job gateway for long LLM work. A job is stored before its caller sees `202`, and ends exactly once. ' +
  'Times are Unix seconds. Every answer carries `x-request-id`. Errors are `application/problem+json`; each code is explained at `/docs/errors`. ' +
  'Whatever the path, a request may also be answered `request_timeout` (408), `headers_too_large` (431) or, by a wrong method, `method_not_allowed` (405).';

/** The whole document, OpenAPI 3.1. Its server is the one that it was fetched from. */
export function openApiOf({ routes, schemas, version }: DocumentSource): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Longhaul',
      version,
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: GROUPS.map((name) => ({ name })),
    paths,
    components: {
      schemas,
      headers: HEADERS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Where keys are configured.' },
        api_key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same key.' },
      },
    },
  };
}

function operationOf(route: RouteDoc): Json {
  const scope = scopeOf(route);
  return {
    operationId: route.id,
    tags: [route.group],
    summary: route.summary,
    description: [
      ...route.description,
      ...(scope === 'public' ? [] : [`Needs the scope \`${scope}\` where keys are configured.`]),
    ].join('\n\n'),
    // A gateway without keys asks for none: `{}` says that no key is fine too.
    security: scope === 'public' ? [] : [{ bearer: [] }, { api_key: [] }, {}],
    ...(route.parameters === undefined ? {} : { parameters: route.parameters.map(parameterOf) }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.body.isRequired,
            content: { 'application/json': { schema: route.body.schema } },
          },
        }),
    responses: { ...errorResponses(route), ...successResponses(route) },
  };
}

function parameterOf({ name, in: place, description, schema, isDeep, isRestOfPath }: ParameterDoc): Json {
  return {
    name,
    in: place,
    description,
    schema,
    ...(place === 'path' ? { required: true } : {}),
    ...(isDeep ? { style: 'deepObject', explode: true } : {}),
    ...(isRestOfPath ? { 'x-rest-of-path': true } : {}),
  };
}

const headersOf = (names: readonly HeaderName[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const successResponses = ({ answers }: RouteDoc): Record<string, Json> =>
  Object.fromEntries(answers.map((answer) => [String(answer.status), responseOf(answer)]));

function responseOf({
  description,
  headers = [],
  type = 'application/json',
  schema,
  example,
}: AnswerDoc): Json {
  return {
    description,
    headers: headersOf(['x-request-id', ...headers]),
    ...(schema === undefined
      ? {}
      : { content: { [type]: { schema, ...(example === undefined ? {} : { example }) } } }),
  };
}

function errorResponses(route: RouteDoc): Record<string, Json> {
  const responses: Record<string, Json> = {};
  for (const [status, codes] of errorsByStatus(route)) {
    const schema = { allOf: [ref('Problem'), { properties: { code: { enum: codes } } }] };
    responses[String(status)] = {
      description: codes.map((code) => `\`${code}\``).join(', '),
      headers: headersOf([
        'x-request-id',
        'cache-control',
        ...errorHeaders(status),
        ...(route.errorHeaders ?? []),
      ]),
      content: { 'application/problem+json': { schema } },
    };
  }
  return responses;
}

function errorHeaders(status: number): readonly HeaderName[] {
  if (status === 401) return ['x-should-retry', 'www-authenticate'];
  return [409, 429, 500, 503].includes(status) ? ['x-should-retry', 'retry-after'] : ['x-should-retry'];
}
