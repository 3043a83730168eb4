import { HttpException } from '@nestjs/common';
import { ErrorCode, GatewayError } from '@longhaul/contract';

type Words = readonly [ErrorCode, string];

const BYTES_PER_MB = 1024 * 1024;

/** In the words of a caller, who knows none of our variables. */
export const tooLarge = (limitBytes: number): GatewayError =>
  new GatewayError(
    'payload_too_large',
    `The body is larger than ${String(Number((limitBytes / BYTES_PER_MB).toPrecision(3)))} MB, the most that is taken here.`,
  );

const TOO_LARGE: Words = ['payload_too_large', 'The body is larger than what is taken here.'];
const NOT_JSON: Words = [
  'unsupported_media_type',
  'The body must be JSON: send the header `content-type: application/json`.',
];
export const NOTHING_HERE = [
  'not_found',
  'There is nothing at this path. Every call is explained at /docs.',
] as const satisfies Words;

/** Errors of Fastify by its own code, with our words: its messages name internals. */
const FASTIFY: Readonly<Record<string, Words>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: TOO_LARGE,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: NOT_JSON,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed_request',
    'The body is not as long as its Content-Length header says.',
  ],
  FST_ERR_BAD_URL: ['malformed_request', 'The path holds a broken percent-escape.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing at this path: a part of it is too long.'],
  FST_ERR_NOT_FOUND: NOTHING_HERE,
};

/** What is left when Nest has wrapped an error of Fastify: it keeps the status and drops the code. */
const BY_STATUS: Readonly<Record<number, Words>> = {
  400: ['malformed_request', 'The request could not be read: its head and its body do not fit together.'],
  404: NOTHING_HERE,
  405: ['method_not_allowed', 'The path exists, but not for this HTTP method.'],
  413: TOO_LARGE,
  414: ['malformed_request', 'The path is too long.'],
  415: NOT_JSON,
};

/** Anything thrown on the way of a request, as an error of our table. `bodyLimitBytes`: of its route. */
export function toGatewayError(thrown: unknown, bodyLimitBytes?: number): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const [code, words] = FASTIFY[fastifyCodeOf(thrown)] ?? BY_STATUS[statusOf(thrown)] ?? [];
  if (code === undefined || words === undefined) return GatewayError.from(thrown);
  if (code === 'payload_too_large' && bodyLimitBytes !== undefined) return tooLarge(bodyLimitBytes);
  return new GatewayError(code, words, { cause: thrown });
}

function fastifyCodeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' ? status : 0;
}
