import { CallPhase, ErrorCode, ErrorDetail, GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { CallClocks, ClockName, RunningClocks, Timers } from './clocks';
import { ReplyHeaders } from './exchange';
import { WireFailure } from './wire-failure';

export interface LiveCallOptions {
  readonly settings: ProviderSettings;
  readonly model: string;
  readonly clocks: CallClocks;
  readonly signal: AbortSignal;
  readonly timers: Timers;
}

const REQUEST_ID_HEADERS = ['x-request-id', 'request-id', 'x-trace-id', 'x-generation-id'];
const REQUEST_ID = /^[\w.:/=+-]{1,128}$/;
/** A code or type of an upstream's error. Anything longer could be its prose, which may echo the prompt. */
const WORD = /^[a-z0-9_.-]{1,48}$/i;
const SHORTEST_SECRET_PART = 6;

/** One upstream call while it lasts: its clocks, how far it is, and how its failures are worded. For every dialect. */
export class LiveCall {
  readonly clocks: RunningClocks;
  upstreamStatus: number | undefined;
  upstreamRequestId: string | undefined;

  constructor(private readonly options: LiveCallOptions) {
    const { clocks, signal, timers } = options;
    const onExpiry = (clock: ClockName, phase: CallPhase): GatewayError => this.expired(clock, phase);
    this.clocks = new RunningClocks({ clocks, signal, timers, onExpiry });
  }

  /** `provider/model`, for messages. */
  get name(): string {
    return `${this.options.settings.name}/${this.model}`;
  }

  get model(): string {
    return this.options.model;
  }

  answered(status: number, headers: ReplyHeaders): void {
    this.clocks.answered();
    this.upstreamStatus = status;
    const stated = REQUEST_ID_HEADERS.map((name) => headers[name]).find((id) => id !== undefined);
    this.upstreamRequestId = stated !== undefined && this.isSafe(stated, REQUEST_ID) ? stated : undefined;
  }

  /** Those of the upstream's own words that may stand in a message: short codes that hold no part of the key. */
  safeWords(words: readonly string[]): string[] {
    return words.filter((word) => this.isSafe(word, WORD));
  }

  fault(code: ErrorCode, message: string, detail: ErrorDetail = {}): GatewayError {
    const { upstreamStatus, upstreamRequestId } = this;
    return new GatewayError(code, message, {
      phase: this.clocks.phase,
      ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
      ...(upstreamRequestId === undefined ? {} : { upstreamRequestId }),
      ...detail,
    });
  }

  /** What a caller may see of anything thrown during the call. The caller's own reason passes through as it is. */
  explain(thrown: unknown): unknown {
    const { signal } = this.clocks;
    if (signal.aborted) return signal.reason;
    return thrown instanceof WireFailure ? this.wireFault(thrown) : GatewayError.from(thrown);
  }

  private isSafe(word: string, form: RegExp): boolean {
    const key = this.options.settings.key?.reveal() ?? '';
    const isPartOfKey = word.length >= SHORTEST_SECRET_PART && key.includes(word);
    return form.test(word) && !isPartOfKey && !(key !== '' && word.includes(key));
  }

  private expired(clock: ClockName, phase: CallPhase): GatewayError {
    const { settings, clocks } = this.options;
    const prefix = settings.name.toUpperCase();
    const [ms, what, remedy] = {
      connect: [
        clocks.connectMs,
        `${settings.name} accepted no connection within the connect clock`,
        `Check the network and ${prefix}_BASE_URL, or raise CONNECT_TIMEOUT_SECS`,
      ] as const,
      first_token: [
        clocks.firstTokenMs,
        `${this.name} sent no token within the first-token clock`,
        `If the model needs longer, raise ${prefix}_FIRST_TOKEN_TIMEOUT_SECS`,
      ] as const,
      idle: [
        clocks.idleMs,
        `${this.name} fell silent in the middle of its answer for longer than the idle clock`,
        `If the model needs longer pauses, raise ${prefix}_IDLE_TIMEOUT_SECS`,
      ] as const,
      total: [
        clocks.totalMs,
        `${this.name} did not finish within the total clock`,
        clocks.totalMs < settings.totalMs
          ? `The job's own timeout_s set it; raise that, at most to ${prefix}_TIMEOUT_SECS`
          : `If answers take longer, raise ${prefix}_TIMEOUT_SECS`,
      ] as const,
    }[clock];
    return this.fault('timeout', `${what} of ${String(ms / 1_000)} s. ${remedy}.`, {
      phase,
      extra: { clock },
    });
  }

  private wireFault({ fault, word }: WireFailure): GatewayError {
    const { phase } = this.clocks;
    const { name } = this.options.settings;
    const isAnswering = phase === 'before_first_token' || phase === 'mid_answer';
    const baseUrl = `${name.toUpperCase()}_BASE_URL`;
    switch (fault) {
      case 'unreachable':
        return this.fault(
          'network_error',
          `${name} could not be reached (${word}). Check ${baseUrl} and that the upstream runs and its certificate is valid.`,
        );
      case 'connect_timeout':
        if (phase === 'before_send') return this.expired('connect', phase);
        return this.broken(word, isAnswering);
      case 'broken':
        return this.broken(word, isAnswering);
      case 'not_http':
        return this.fault('malformed_response', `${name} sent no valid HTTP (${word}). Check ${baseUrl}.`);
      case 'too_large':
        return this.fault(
          'malformed_response',
          `${this.name} sent more than one ${word} may hold; the call was ended.`,
        );
      case 'compressed':
        return this.fault(
          'malformed_response',
          `${this.name} sent a compressed body, though none was asked for. Check what stands between Longhaul and ${baseUrl}.`,
        );
    }
  }

  /** A cut chunked stream reaches us as a broken connection, so both count as the same. */
  private broken(word: string, isAnswering: boolean): GatewayError {
    if (isAnswering) return this.truncated();
    return this.fault(
      'network_error',
      `The connection to ${this.options.settings.name} broke before an answer came (${word}).`,
    );
  }

  truncated(): GatewayError {
    return this.fault(
      'stream_truncated',
      `${this.name} ended the stream without its closing mark; what came so far is not taken for an answer.`,
    );
  }
}
