import { ChatEvent, ChatRequest } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { CallClocks, Timers } from './clocks';
import { HttpClient } from './http';
import { ModelListing } from './model-listing';

/** An upstream, one verb. A call that fails throws a GatewayError; nothing else leaves it. */
export interface Provider {
  readonly name: string;
  /**
   * Makes one upstream call, streaming always. The connect, first-token, idle and total clocks run inside.
   * Nothing is sent before the first event is asked for; whoever stops asking early ends the call.
   * @param signal ends the call: its `reason` is rethrown as it is (a GatewayError by our callers).
   * @param clocks the provider's own unless given.
   */
  stream(request: ChatRequest, signal: AbortSignal, clocks?: CallClocks): AsyncIterable<ChatEvent>;
}

/** A wire protocol: one file in dialects/, one line in dialects/index.ts. */
export interface Dialect {
  readonly name: string;
  /** Must not throw for a missing key: the catalogue refuses such a provider before it is called. */
  create(settings: ProviderSettings, http: HttpClient, timers?: Timers): Provider;
  readonly models: ModelListing;
}
