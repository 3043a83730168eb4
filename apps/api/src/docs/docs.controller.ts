import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tagged } from '../http/etag';
import { baseUrlOf } from './base-url';
import { Document, Documents } from './documents';
import { CONTENT_SECURITY_POLICY } from './html/layout';

type HeadersOfRequest = Readonly<Record<string, string | string[] | undefined>>;

interface Sending {
  readonly reply: FastifyReply;
  readonly headers: HeadersOfRequest;
  readonly type: string;
}

const HTML = 'text/html; charset=utf-8';

/** The API told to programs and to people. */
@Controller()
export class DocsController {
  constructor(@Inject(Documents) private readonly documents: Documents) {}

  @Get('openapi.json')
  openApi(
    @Headers() headers: HeadersOfRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string | undefined {
    const type = 'application/json; charset=utf-8';
    return send(this.documents.openApi(), { reply, headers, type });
  }

  @Get('docs')
  docs(
    @Headers() headers: HeadersOfRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string | undefined {
    const page = this.documents.docs(baseUrlOf(headers, this.documents.ownAddress));
    reply.header('vary', 'host, x-forwarded-proto');
    return send(page, { reply, headers, type: HTML });
  }

  @Get('docs/errors')
  errors(
    @Headers() headers: HeadersOfRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string | undefined {
    return send(this.documents.errors(), { reply, headers, type: HTML });
  }
}

/** The text, or nothing (304) for whoever has it. */
function send({ text, etag }: Document, { reply, headers, type }: Sending): string | undefined {
  reply.headers({ 'cache-control': 'no-cache', 'referrer-policy': 'no-referrer' });
  if (type === HTML) reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  const known = headers['if-none-match'];
  return tagged({ text, etag, type }, typeof known === 'string' ? known : undefined, reply);
}
