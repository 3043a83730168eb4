import { GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { SYSTEM_TIMERS, Timers } from './clocks';
import { readUpstreamError } from './dialects/ollama/upstream-error';
import { SMALLEST_WINDOW } from './dialects/ollama/window';
import { HttpClient } from './http';
import { isObject, JsonObject, parseJson } from './json';
import { LiveCall } from './live-call';
import { refusalOf } from './refusal';
import { textAtMost } from './text-at-most';

const REPLY_LIMITS = { bytes: 64 * 1024, ms: 5_000 };

/**
 * Brings models into the memory of an Ollama and takes them out again, without a call: `/api/generate` with no prompt. It
 * is loaded with the smallest window; a call that needs a larger one has it loaded anew.
 */
export class ModelResidence {
  constructor(
    private readonly http: HttpClient,
    private readonly timers: Timers = SYSTEM_TIMERS,
  ) {}

  /** True where models come and go as they are told. */
  manages({ dialect, hosted }: Pick<ProviderSettings, 'dialect' | 'hosted'>): boolean {
    return dialect === 'ollama' && !hosted;
  }

  /**
   * Resolves when it is loaded, which takes minutes for a large one; stays for the provider's `keep_alive`.
   * @throws GatewayError as a call would, or the signal's reason
   */
  load(settings: ProviderSettings, model: string, signal: AbortSignal): Promise<void> {
    const keepAlive = settings.keepAliveS === null ? {} : { keep_alive: settings.keepAliveS };
    const options = { num_ctx: SMALLEST_WINDOW };
    return this.tell(settings, { model, stream: false, shift: false, options, ...keepAlive }, signal);
  }

  /** Resolves when Ollama has taken note: a call that still runs ends first. Throws as `load` does. */
  unload(settings: ProviderSettings, model: string, signal: AbortSignal): Promise<void> {
    return this.tell(settings, { model, stream: false, keep_alive: 0 }, signal);
  }

  private async tell(
    settings: ProviderSettings,
    body: JsonObject & { readonly model: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (!this.manages(settings)) throw unmanaged(settings);
    const call = new LiveCall({ settings, model: body.model, clocks: settings, signal, timers: this.timers });
    try {
      await this.post(call, settings, body);
    } catch (thrown) {
      throw call.explain(thrown);
    } finally {
      call.clocks.stop();
    }
  }

  private async post(call: LiveCall, settings: ProviderSettings, body: JsonObject): Promise<void> {
    const onSent = (): void => {
      call.clocks.sent();
    };
    const question = { settings, path: '/api/generate', body, signal: call.clocks.signal, onSent };
    const reply = await this.http.post(question);
    try {
      call.answered(reply.status, reply.headers);
      const { status, headers } = reply;
      const said = parseJson(await textAtMost(reply, REPLY_LIMITS, this.timers));
      const hasFailed = status >= 300 || (isObject(said) && (said['error'] ?? null) !== null);
      if (!hasFailed && isObject(said) && said['done'] === true) return;
      if (!hasFailed) throw refusalOf(call, { settings, code: 'malformed_response', words: ['no_done'] });
      const refusal = readUpstreamError({ status, headers, body: said, nowMs: Date.now() }, settings.hosted);
      throw refusalOf(call, { settings, ...refusal, detail: hintOf(refusal.retryAfterMs) });
    } finally {
      reply.destroy();
    }
  }
}

const hintOf = (retryAfterMs: number | undefined): { readonly retryAfterMs?: number } =>
  retryAfterMs === undefined ? {} : { retryAfterMs };

const unmanaged = ({ name, hosted }: ProviderSettings): GatewayError =>
  new GatewayError(
    'invalid_request',
    hosted
      ? `The provider ${name} loads its models by itself. Only an Ollama of your own is told when to.`
      : `The provider ${name} cannot be told to load or unload a model. Only those with dialect = "ollama" can.`,
  );
