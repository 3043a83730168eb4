import { CrashSwitch } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { Agent } from 'undici';
import { credentialsOf } from './credentials';
import { Exchange, ReplyHeaders } from './exchange';
import { USER_AGENT } from './user-agent';
import { WireFailure, wireFailureOf } from './wire-failure';

export interface GetRequest {
  readonly settings: ProviderSettings;
  /** Below the base URL, with its leading slash. */
  readonly path: string;
  /** Besides those of every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Destroys the socket; the call and the reply's text then throw its reason. */
  readonly signal: AbortSignal;
}

export interface PostRequest extends GetRequest {
  readonly body: unknown;
  /** The connection is up and the request goes out. */
  readonly onSent: () => void;
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly body: string | null;
  readonly onSent: () => void;
}

export interface HttpOptions {
  readonly connectLimitMs?: number;
  /** Only in a process that the fault bench has armed. */
  readonly crash?: CrashSwitch | undefined;
}

/** More than any answer: a model writes about 4 MB in the longest. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
/** A backstop behind the connect clock of the call. */
const CONNECT_LIMIT_MS = 60_000;
/** Node gives each address of a name 250 ms, too little for another continent. */
const CONNECT_ATTEMPT_MS = 2_500;

/** Status, headers and text of one reply. Whoever has it ends it: `discard` after a good answer, else `destroy`. */
export class HttpReply {
  constructor(private readonly exchange: Exchange) {}

  get status(): number {
    return this.exchange.status;
  }

  /** Names in lower case. */
  get headers(): ReplyHeaders {
    return this.exchange.headers;
  }

  /** The body, decoded as UTF-8 across chunk borders. Once per reply. Throws a WireFailure or the signal's reason. */
  async *text(): AsyncGenerator<string> {
    // Identity was asked for. Whoever compresses all the same could send a bomb, so it is not unpacked.
    const encoding = (this.headers['content-encoding'] ?? '').toLowerCase();
    if (encoding !== '' && encoding !== 'identity') throw new WireFailure('compressed', 'content-encoding');
    const decoder = new TextDecoder();
    let bytes = 0;
    for await (const chunk of this.exchange.bytes()) {
      bytes += chunk.length;
      if (bytes > ANSWER_LIMIT_BYTES) throw new WireFailure('too_large', 'answer');
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  }

  discard(): void {
    this.exchange.discard();
  }

  destroy(): void {
    this.exchange.destroy();
  }

  /** Destroys a reply that nobody has read to its end. */
  endUnlessDiscarded(): void {
    this.exchange.endUnlessDiscarded();
  }
}

/**
 * The only door to the network. Follows no redirect, repeats nothing, and sets no time limit on headers or body:
 * the HTTP client's own 300 s would end a slow model's call. The clocks of the call rule instead.
 */
export class HttpClient {
  private readonly agent: Agent;
  readonly crash: CrashSwitch | undefined;

  constructor({ connectLimitMs = CONNECT_LIMIT_MS, crash }: HttpOptions = {}) {
    this.crash = crash;
    this.agent = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectLimitMs, autoSelectFamilyAttemptTimeout: CONNECT_ATTEMPT_MS },
    });
  }

  /** Resolves when the headers are here. Throws a WireFailure, a GatewayError for a missing key, or the signal's reason. */
  post(request: PostRequest): Promise<HttpReply> {
    const { body, onSent } = request;
    return this.send(request, { method: 'POST', body: JSON.stringify(body), onSent });
  }

  /** The same for what changes nothing. */
  get(request: GetRequest): Promise<HttpReply> {
    return this.send(request, { method: 'GET', body: null, onSent: () => undefined });
  }

  private async send(
    { settings, path, headers: particular = {}, signal }: GetRequest,
    { method, body, onSent }: Sent,
  ): Promise<HttpReply> {
    const credentials = credentialsOf(settings);
    signal.throwIfAborted();
    const base = new URL(settings.baseUrl);
    const exchange = new Exchange(signal, onSent);
    const headers = {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      accept: 'text/event-stream, application/json',
      'accept-encoding': 'identity',
      'user-agent': USER_AGENT,
      ...settings.headers,
      ...particular,
      ...credentials.headers,
    };
    try {
      const whole = withQuery(`${base.pathname.replace(/\/+$/, '')}${path}`, credentials.query);
      this.agent.dispatch({ origin: base.origin, path: whole, method, headers, body }, exchange);
    } catch (thrown) {
      throw wireFailureOf(thrown);
    }
    await exchange.answered();
    return new HttpReply(exchange);
  }

  /** Cuts what is still open. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** A path may have a query of its own. */
function withQuery(path: string, query: string): string {
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}
