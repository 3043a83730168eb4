import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ChatEvent, ChatRequest, ErrorCode, GatewayError, Usage } from '@longhaul/contract';
import { CallClocks, Dialect, HttpClient } from '@longhaul/providers';
import { ProviderSettings } from '@longhaul/settings';
import {
  CANARY,
  providerSettings,
  Script,
  ScriptedUpstream,
  SeenRequest,
  startScripted,
} from '../../libs/providers/src/scripted-upstream.fixtures';

/** One of `sse`, `ndjson` and `body`. Text stands for itself where it holds a line end, and in `ndjson` always. */
export interface RecordedReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The data of server-sent events. */
  readonly sse?: readonly unknown[];
  /** The lines of a stream of JSON. */
  readonly ndjson?: readonly unknown[];
  readonly body?: unknown;
}

/** One file of fixtures per dialect and kind: answers.json (the first a plain stream), broken.json, refusals.json. */
export interface Fixture {
  readonly title: string;
  /** Stands in the provider's own documentation; the title is a cell of the table in the docs. */
  readonly documented?: boolean;
  readonly provider?: string;
  /** What is asked, where the answer cannot be judged without it. */
  readonly request?: Partial<ChatRequest>;
  readonly reply: RecordedReply;
  readonly gives?: Readonly<Record<string, unknown>>;
  readonly fails?: ErrorCode;
  /** What the same words say under a good status, whose headers speak of the answer and not of the refusal. */
  readonly failsInside?: ErrorCode;
  readonly usage?: Usage;
  readonly retryAfterMs?: number | null;
  /** What is used up is this one model's. */
  readonly isOfModel?: boolean;
}

export const FIXTURES_FOLDER = join(__dirname, '..', 'fixtures', 'dialects');
export const fixturesOf = (dialect: string, kind: 'answers' | 'broken' | 'refusals'): readonly Fixture[] =>
  JSON.parse(readFileSync(join(FIXTURES_FOLDER, dialect, `${kind}.json`), 'utf8')) as readonly Fixture[];
export const named = (fixtures: readonly Fixture[]) =>
  fixtures.map((fixture) => [fixture.title, fixture] as const);

export const PROMPT = 'the prompt of the canary';
export const REQUEST: ChatRequest = { model: 'm-1', messages: [{ role: 'user', content: PROMPT }] };
export const never = new AbortController().signal;

export const rawEvent = (event: unknown): string =>
  typeof event === 'string' && event.includes('\n')
    ? event
    : `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;

const rawLine = (line: unknown): string => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);

export function bytesOf({ sse, ndjson, body = '' }: RecordedReply): Buffer {
  if (sse !== undefined) return Buffer.from(sse.map(rawEvent).join(''));
  if (ndjson !== undefined) return Buffer.from(ndjson.map(rawLine).join(''));
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

export const replay =
  (reply: RecordedReply): Script =>
  (response) => {
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(bytesOf(reply));
  };

export async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const seen: ChatEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

export function answerOf(events: readonly ChatEvent[]): Record<string, unknown> {
  const text = (type: 'text' | 'reasoning'): string =>
    events.map((event) => (event.type === type ? event.text : '')).join('');
  const adjusted = events.flatMap((event) => (event.type === 'adjusted' ? event.notes : []));
  const toolCalls = events.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []));
  const [first] = events.filter(({ type }) => type !== 'adjusted');
  const last = events.at(-1);
  if (first?.type !== 'headers' || last?.type !== 'end') throw new Error(`no answer: ${inspect(events)}`);
  const { upstreamStatus, ...head } = first;
  expect(upstreamStatus).toBe(200);
  expect(events.filter(({ type }) => type === 'end' || type === 'headers')).toHaveLength(2);
  return {
    text: text('text'),
    reasoning: text('reasoning'),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(adjusted.length === 0 ? {} : { adjusted }),
    ...head,
    ...last,
    type: undefined,
  };
}

export async function failureOf(work: Promise<unknown>): Promise<GatewayError> {
  const thrown: unknown = await work.then(
    (value) => {
      throw new Error(`expected a failure, got ${inspect(value)}`);
    },
    (error: unknown) => error,
  );
  if (!(thrown instanceof GatewayError)) throw thrown;
  return thrown;
}

export function expectDiscreet(error: GatewayError): void {
  const printed =
    inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error) + (error.stack ?? '');
  expect(printed).not.toContain(CANARY);
  expect(printed).not.toContain(PROMPT);
  expect(error.message).toMatch(/^\S.*\.$/s);
  expect(error.message).not.toMatch(/undefined|\{\w+\}|\[object/);
}

/** What a fixture asks, and of whom. */
export const askedBy = ({ provider = 'acme', request = {} }: Fixture): CallOptions => ({
  settings: { name: provider },
  request,
});

/** One upstream and one HTTP client for all calls of a suite; `script` says how the next call is answered. */
export class DialectBench {
  script: Script = () => undefined;
  private readonly http = new HttpClient();
  private server: ScriptedUpstream | null = null;

  constructor(private readonly dialect: Dialect) {}

  async open(): Promise<void> {
    this.server = await startScripted((response, request) => this.script(response, request));
  }

  async close(): Promise<void> {
    await this.http.close();
    await this.server?.close();
  }

  get upstream(): ScriptedUpstream {
    if (this.server === null) throw new Error('open the bench first');
    return this.server;
  }

  get lastRequest(): SeenRequest {
    const last = this.upstream.requests.at(-1);
    if (last === undefined) throw new Error('no request has come');
    return last;
  }

  call(options: CallOptions = {}): AsyncIterable<ChatEvent> {
    const { name } = this.dialect;
    const settings = providerSettings({ dialect: name, baseUrl: this.upstream.url, ...options.settings });
    const { connectMs, firstTokenMs, idleMs, totalMs } = settings;
    const clocks = { connectMs, firstTokenMs, idleMs, totalMs, ...options.clocks };
    const request = { ...REQUEST, ...options.request };
    return this.dialect.create(settings, this.http).stream(request, options.signal ?? never, clocks);
  }

  ask(fixture: Fixture): Promise<ChatEvent[]> {
    this.script = replay(fixture.reply);
    return collect(this.call(askedBy(fixture)));
  }
}

export interface CallOptions {
  readonly request?: Partial<ChatRequest>;
  readonly settings?: Partial<ProviderSettings>;
  readonly signal?: AbortSignal;
  readonly clocks?: Partial<CallClocks>;
}
