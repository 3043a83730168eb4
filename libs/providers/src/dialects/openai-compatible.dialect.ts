import { ChatEvent, ChatRequest, GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { CallClocks, SYSTEM_TIMERS, Timers } from '../clocks';
import { HttpClient, HttpReply } from '../http';
import { LiveCall } from '../live-call';
import { Dialect, Provider } from '../provider';
import { refusalOf } from '../refusal';
import { textAtMost } from '../text-at-most';
import { parseJson } from './openai-compatible/json';
import { Quirks, quirksOf } from './openai-compatible/quirks';
import { ReplyReader } from './openai-compatible/reply-reader';
import { requestBody } from './openai-compatible/request';
import { readUpstreamError } from './openai-compatible/upstream-error';

/** An error body says its word early; past these the status alone decides. */
const ERROR_BODY_LIMITS = { bytes: 64 * 1024, ms: 5_000 };

/** OpenAI's chat completions, as OpenAI, Moonshot, Kimi, GLM, OpenRouter, Ollama and many others speak them. */
class OpenAiCompatibleProvider implements Provider {
  readonly name: string;
  private readonly quirks: Quirks;

  constructor(
    private readonly settings: ProviderSettings,
    private readonly http: HttpClient,
    private readonly timers: Timers,
  ) {
    this.name = settings.name;
    this.quirks = quirksOf(settings.name);
  }

  async *stream(
    request: ChatRequest,
    signal: AbortSignal,
    clocks: CallClocks = this.settings,
  ): AsyncGenerator<ChatEvent> {
    const { settings, timers, quirks } = this;
    const call = new LiveCall({ settings, model: request.model, clocks, signal, timers });
    let reply: HttpReply | null = null;
    try {
      reply = await this.send(request, call);
      call.answered(reply.status, reply.headers);
      if (reply.status >= 300) throw await this.refused(reply, call);
      yield headersOf(reply, call);
      for await (const event of new ReplyReader(reply, { call, settings, quirks }).events()) {
        if (event.type === 'end') reply.discard();
        yield event;
      }
    } catch (thrown) {
      throw call.explain(thrown);
    } finally {
      call.clocks.stop();
      reply?.endUnlessDiscarded();
    }
  }

  private send(request: ChatRequest, call: LiveCall): Promise<HttpReply> {
    return this.http.post({
      settings: this.settings,
      path: '/chat/completions',
      body: requestBody(request, this.quirks),
      signal: call.clocks.signal,
      onSent: () => {
        call.clocks.sent();
      },
    });
  }

  private async refused(reply: HttpReply, call: LiveCall): Promise<GatewayError> {
    const text = await textAtMost(reply, ERROR_BODY_LIMITS, this.timers);
    const { status, headers } = reply;
    const error = readUpstreamError({ status, headers, body: parseJson(text), nowMs: Date.now() });
    const detail = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
    return refusalOf(call, { settings: this.settings, code: error.code, words: error.words, detail });
  }
}

const headersOf = ({ status }: HttpReply, { upstreamRequestId }: LiveCall): ChatEvent => ({
  type: 'headers',
  upstreamStatus: status,
  ...(upstreamRequestId === undefined ? {} : { upstreamRequestId }),
});

export const openAiCompatibleDialect: Dialect = {
  name: 'openai_compatible',
  create: (settings, http, timers = SYSTEM_TIMERS) => new OpenAiCompatibleProvider(settings, http, timers),
};
