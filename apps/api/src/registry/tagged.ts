import { createHash } from 'node:crypto';
import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isKnown } from '../jobs/representation';

/**
 * The text of an answer under a strong tag made of all of it; undefined = the caller has it already (304). For what
 * seldom changes and costs nothing to make.
 */
export function tagged(
  view: object,
  ifNoneMatch: string | undefined,
  reply: FastifyReply,
): string | undefined {
  const text = JSON.stringify(view);
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (isKnown(etag, ifNoneMatch)) {
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }
  reply.header('content-type', 'application/json; charset=utf-8');
  return text;
}
