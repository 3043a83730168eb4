import { ChatEvent, ChatRequest, GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { CallClocks, SYSTEM_TIMERS, Timers } from './clocks';
import { HttpClient, HttpReply } from './http';
import { parseJson } from './json';
import { LiveCall } from './live-call';
import { ModelListing, OPENAI_LISTING } from './model-listing';
import { Dialect, Provider } from './provider';
import { ReplyFaults } from './reply-faults';
import { textAtMost } from './text-at-most';
import { Wire, WireRequest } from './wire';

/** An error body says its word early; past these the status alone decides. */
const ERROR_BODY_LIMITS = { bytes: 64 * 1024, ms: 5_000 };

interface ProviderParts {
  readonly settings: ProviderSettings;
  readonly http: HttpClient;
  readonly timers: Timers;
  readonly wire: Wire;
}

/** One upstream over HTTP: the call's life, the same for every protocol. */
class HttpProvider implements Provider {
  readonly name: string;

  constructor(private readonly parts: ProviderParts) {
    this.name = parts.settings.name;
  }

  async *stream(
    request: ChatRequest,
    signal: AbortSignal,
    clocks: CallClocks = this.parts.settings,
  ): AsyncGenerator<ChatEvent> {
    const { settings, timers, wire, http } = this.parts;
    const call = new LiveCall({ settings, model: request.model, clocks, signal, timers });
    let reply: HttpReply | null = null;
    try {
      const outgoing = wire.request(request);
      if (outgoing.adjustments.length > 0) yield { type: 'adjusted', notes: outgoing.adjustments };
      http.crash?.reach('before:call');
      reply = await this.send(outgoing, call);
      http.crash?.reach('at:first-byte');
      call.answered(reply.status, reply.headers);
      if (reply.status >= 300) throw await this.refused(reply, call);
      yield this.headersOf(reply, call);
      for await (const event of wire.read(reply, { call, settings, request })) {
        if (event.type === 'end') reply.discard();
        http.crash?.reach(event.type === 'end' ? 'after:call' : 'at:first-token');
        yield event;
      }
    } catch (thrown) {
      throw call.explain(thrown);
    } finally {
      call.clocks.stop();
      reply?.endUnlessDiscarded();
    }
  }

  private send({ path, body, headers }: WireRequest, call: LiveCall): Promise<HttpReply> {
    return this.parts.http.post({
      settings: this.parts.settings,
      path,
      body,
      ...(headers === undefined ? {} : { headers }),
      signal: call.clocks.signal,
      onSent: () => {
        call.clocks.sent();
      },
    });
  }

  private async refused(reply: HttpReply, call: LiveCall): Promise<GatewayError> {
    const { settings, timers, wire } = this.parts;
    const text = await textAtMost(reply, ERROR_BODY_LIMITS, timers);
    const limits = wire.limits?.(reply.headers, Date.now());
    const faults = new ReplyFaults({
      reply,
      reading: { call, settings },
      refusal: (error) => wire.refusal(error),
    });
    return faults.refused(parseJson(text), limits === undefined ? {} : { limits });
  }

  private headersOf({ status, headers }: HttpReply, { upstreamRequestId }: LiveCall): ChatEvent {
    const limits = this.parts.wire.limits?.(headers, Date.now());
    return {
      type: 'headers',
      upstreamStatus: status,
      ...(upstreamRequestId === undefined ? {} : { upstreamRequestId }),
      ...(limits === undefined ? {} : { limits }),
    };
  }
}

/** A dialect over HTTP out of its wire, and where its providers list their models. */
export const httpDialect = (
  name: string,
  wireOf: (settings: ProviderSettings) => Wire,
  models: ModelListing = OPENAI_LISTING,
): Dialect => ({
  name,
  models,
  create: (settings, http, timers = SYSTEM_TIMERS) =>
    new HttpProvider({ settings, http, timers, wire: wireOf(settings) }),
});
