import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tagged } from '../http/etag';
import { baseUrlOf } from './base-url';
import type { Document } from './documents';
import { DocumentsLoader } from './documents.loader';
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
  constructor(@Inject(DocumentsLoader) private readonly loader: DocumentsLoader) {}

  @Get('openapi.json')
  async openApi(
    @Headers() headers: HeadersOfRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const type = 'application/json; charset=utf-8';
    return send((await this.loader.documents()).openApi(), { reply, headers, type });
  }

  @Get('docs')
  async docs(
    @Headers() headers: HeadersOfRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const documents = await this.loader.documents();
    const page = documents.docs(baseUrlOf(headers, documents.ownAddress));
    reply.header('vary', 'host, x-forwarded-proto');
    return send(page, { reply, headers, type: HTML });
  }

  @Get('docs/errors')
  async errors(
    @Headers() headers: HeadersOfRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    return send((await this.loader.documents()).errors(), { reply, headers, type: HTML });
  }
}

/** The text, or nothing (304) for whoever has it. */
function send({ text, etag }: Document, { reply, headers, type }: Sending): string | undefined {
  reply.headers({ 'cache-control': 'no-cache', 'referrer-policy': 'no-referrer' });
  if (type === HTML) reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  const known = headers['if-none-match'];
  return tagged({ text, etag, type }, typeof known === 'string' ? known : undefined, reply);
}
