import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { LiveConfig } from '@longhaul/jobs';
import { effectiveSettings, EffectiveSetting, overriddenPrices } from '@longhaul/settings';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Query, refuseOthers } from '../http/query';
import { PriceView, viewPrice } from '../registry/model-view';

/** One setting: what holds, who says so, and whether it may be overridden while Longhaul runs. */
export interface SettingView {
  readonly name: string;
  readonly value: EffectiveSetting['value'];
  readonly origin: EffectiveSetting['origin'];
  /** The variable, or file and line; null for an override and for a built-in value. */
  readonly place: string | null;
  readonly overridable: boolean;
}

/** A price that does not come from models.toml. */
export interface OverriddenPriceView {
  readonly model: string;
  /** Null = unpriced. */
  readonly price: PriceView | null;
  readonly origin: 'override';
}

export interface EffectiveView {
  readonly object: 'config.effective';
  readonly version: number;
  readonly hash: string;
  /** Why this process does not follow the newest version; null = it does. */
  readonly trouble: string | null;
  readonly data: readonly SettingView[];
  readonly prices: readonly OverriddenPriceView[];
}

/** What holds in the process that answers. */
@Controller('v1/config/effective')
export class EffectiveController {
  constructor(@Inject(LiveConfig) private readonly live: LiveConfig) {}

  @Get()
  effective(
    @Req() request: FastifyRequest<{ Querystring: Query }>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): EffectiveView {
    refuseOthers(request.query, []);
    const { trouble, current } = this.live;
    const { settings, state, version } = current;
    reply.header('cache-control', 'no-store');
    return {
      object: 'config.effective',
      version,
      hash: state.config.hash,
      trouble,
      data: effectiveSettings(settings).map(viewSetting),
      prices: overriddenPrices(settings).map(({ provider, model, price }) => ({
        model: `${provider}/${model}`,
        price: price === null ? null : viewPrice(price),
        origin: 'override',
      })),
    };
  }
}

const viewSetting = ({ name, value, origin, place, live }: EffectiveSetting): SettingView => ({
  name,
  value,
  origin,
  place,
  overridable: live,
});
