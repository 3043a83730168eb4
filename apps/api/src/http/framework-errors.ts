import { HttpException } from '@nestjs/common';
import { ErrorCode, GatewayError } from '@longhaul/contract';

/** Errors of Fastify by its own code, with our words: its messages name internals. */
const FASTIFY: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than BODY_LIMIT_MB allows.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'The body must be JSON: send the header `content-type: application/json`.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed_request',
    'The body is not as long as its Content-Length header says.',
  ],
  FST_ERR_BAD_URL: ['malformed_request', 'The path holds a broken percent-escape.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing at this path: a part of it is too long.'],
  FST_ERR_NOT_FOUND: ['not_found', 'There is nothing at this path.'],
};

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  414: 'malformed_request',
  415: 'unsupported_media_type',
};

/** Anything thrown on the way of a request, as an error of our table. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const known = FASTIFY[fastifyCodeOf(thrown)];
  if (known !== undefined) return new GatewayError(known[0], known[1], { cause: thrown });
  const code = BY_STATUS[statusOf(thrown)];
  if (code === undefined) return GatewayError.from(thrown);
  return new GatewayError(code, `The request could not be served: ${code.replaceAll('_', ' ')}.`, {
    cause: thrown,
  });
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
