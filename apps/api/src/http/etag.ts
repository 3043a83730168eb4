import { createHash } from 'node:crypto';
import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Of a text, for a tag: long enough that no two answers share it. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** The strong tag of an answer that is made of all its text. */
export const tagOf = (text: string): string => `"${digestOf(text)}"`;

/** Whether `If-None-Match` names this tag. Weak comparison, as RFC 9110 asks for GET. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

export interface TaggedAnswer {
  readonly text: string;
  readonly etag: string;
  readonly type: string;
}

/** The text under its tag; undefined = the caller has it already (304). */
export function tagged(
  { text, etag, type }: TaggedAnswer,
  ifNoneMatch: string | undefined,
  reply: FastifyReply,
): string | undefined {
  reply.header('etag', etag);
  if (isKnown(etag, ifNoneMatch)) {
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }
  reply.header('content-type', type);
  return text;
}

/** The same for a view that seldom changes and costs nothing to make; a caller's own cache may keep it. */
export function taggedView(
  view: object,
  ifNoneMatch: string | undefined,
  reply: FastifyReply,
): string | undefined {
  const text = JSON.stringify(view);
  reply.header('cache-control', 'private, no-cache');
  return tagged({ text, etag: tagOf(text), type: 'application/json; charset=utf-8' }, ifNoneMatch, reply);
}
