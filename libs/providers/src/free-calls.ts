import { ErrorCode, GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { ACCOUNT_PROBES, Allowance } from './account-probes';
import { dialectOf, DIALECTS } from './dialects';
import { HttpClient, HttpReply } from './http';
import { parseJson } from './json';
import { wireFailureOf } from './wire-failure';

const MOST_CHARACTERS = 4_000_000;
const MOST_MODELS = 10_000;
const LONGEST_ID = 200;

interface FreeReply {
  readonly status: number;
  /** The parsed body; undefined when it was no JSON. */
  readonly body: unknown;
}

interface Asked {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'auth_failed',
  402: 'quota_exhausted',
  403: 'auth_failed',
  408: 'timeout',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

/** What costs nothing: the lists and figures that a provider gives beside its models. */
export class FreeCalls {
  constructor(
    private readonly http: HttpClient,
    private readonly dialects = DIALECTS,
  ) {}

  /** The provider's own ids; null when it answers, but with no such list. @throws GatewayError by our table of errors */
  async models(settings: ProviderSettings, timeoutMs: number): Promise<readonly string[] | null> {
    const { models } = dialectOf(settings, this.dialects);
    const { path, headers = {} } = models;
    const { status, body } = await this.ask(settings, { path, headers, timeoutMs });
    if (status === 404 || status === 405) return null;
    refuse(settings, status);
    const ids = models.read(body)?.slice(0, MOST_MODELS) ?? null;
    return (
      ids?.filter((id): id is string => typeof id === 'string' && id !== '' && id.length <= LONGEST_ID) ??
      null
    );
  }

  /** What is left on the key's account; null where the provider tells nothing of it. @throws GatewayError */
  async account(settings: ProviderSettings, timeoutMs: number): Promise<readonly Allowance[] | null> {
    const probe = Object.hasOwn(ACCOUNT_PROBES, settings.name) ? ACCOUNT_PROBES[settings.name] : undefined;
    if (probe === undefined) return null;
    const { status, body } = await this.ask(settings, { path: probe.path, timeoutMs });
    if (status === 404 || status === 405) return null;
    refuse(settings, status);
    return probe.read(body, settings.baseUrl);
  }

  private async ask(settings: ProviderSettings, { path, headers, timeoutMs }: Asked): Promise<FreeReply> {
    const signal = AbortSignal.timeout(timeoutMs);
    let reply: HttpReply | null = null;
    try {
      reply = await this.http.get({ settings, path, ...(headers === undefined ? {} : { headers }), signal });
      let text = '';
      for await (const part of reply.text()) {
        text += part;
        if (text.length > MOST_CHARACTERS) throw unreadable(settings);
      }
      return { status: reply.status, body: parseJson(text) };
    } catch (thrown) {
      throw signal.aborted ? tooSlow(settings, timeoutMs) : failureOf(settings, thrown);
    } finally {
      reply?.destroy();
    }
  }
}

/** @throws GatewayError for a status that is no success */
function refuse({ name }: ProviderSettings, status: number): void {
  if (status >= 200 && status < 300) return;
  const other = status >= 500 ? 'upstream_error' : status >= 400 ? 'rejected_request' : 'malformed_response';
  throw new GatewayError(
    CODES[status] ?? other,
    `Provider ${name} answered a free question with HTTP ${String(status)}.`,
    { upstreamStatus: status },
  );
}

const unreadable = ({ name }: ProviderSettings): GatewayError =>
  new GatewayError('malformed_response', `Provider ${name} answered with more than a list could hold.`);

const tooSlow = ({ name }: ProviderSettings, timeoutMs: number): GatewayError =>
  new GatewayError('timeout', `Provider ${name} did not answer within ${String(timeoutMs / 1000)} s.`);

function failureOf({ name, baseUrl }: ProviderSettings, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const { fault, word } = wireFailureOf(thrown);
  switch (fault) {
    case 'unreachable':
    case 'broken':
      return new GatewayError(
        'network_error',
        `Provider ${name} cannot be reached at ${new URL(baseUrl).origin} (${word}).`,
      );
    case 'connect_timeout':
      return new GatewayError('timeout', `Provider ${name} did not take a connection in time.`);
    case 'not_http':
    case 'too_large':
    case 'compressed':
      return new GatewayError(
        'malformed_response',
        `Provider ${name} sent what could not be read (${fault}).`,
      );
    default:
      return fault satisfies never;
  }
}
