import { ChatEvent, ChatRequest } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { HttpClient } from './http';

/** An upstream, one verb. A call that fails throws a GatewayError; nothing else leaves it. */
export interface Provider {
  readonly name: string;
  /**
   * Makes one upstream call, streaming always. The connect, first-token, idle and total clocks run inside.
   * @param signal ends the call: its `reason` is rethrown as it is (a GatewayError by our callers).
   */
  stream(request: ChatRequest, signal: AbortSignal, clocks?: CallClocks): AsyncIterable<ChatEvent>;
}

/** The four clocks of a call, in milliseconds. */
export interface CallClocks {
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

/** A wire protocol: one file in dialects/, one line in dialects/index.ts. */
export interface Dialect {
  readonly name: string;
  create(settings: ProviderSettings, http: HttpClient): Provider;
}
