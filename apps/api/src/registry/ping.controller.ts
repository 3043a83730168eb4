import { Controller, HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { PingView, PreflightChat, ProviderChecks } from '@longhaul/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../http/callers/caller';
import { Query, refuseOthers } from '../http/query';
import { LongPolls } from '../jobs/long-poll';

type PingRequest = FastifyRequest<{ Querystring: Query; Params: { readonly name: string } }>;

/** Asks a provider itself, over what costs nothing; a chat follows only where a setting says so and nothing failed yet. */
@Controller('v1/providers')
export class PingController {
  constructor(
    @Inject(ProviderChecks) private readonly checks: ProviderChecks,
    @Inject(PreflightChat) private readonly preflight: PreflightChat,
    @Inject(LongPolls) private readonly polls: LongPolls,
  ) {}

  @Post(':name/ping')
  @HttpCode(HttpStatus.OK)
  async ping(
    @Req() { query, params }: PingRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<PingView> {
    refuseOthers(query, []);
    const told = await this.checks.ping(params.name);
    if (told.error !== null) return { ...told, chat: null };
    const ask = (signal: AbortSignal) => this.preflight.ask(told.provider, { caller, signal });
    return { ...told, chat: await this.polls.during(reply, ask) };
  }
}
