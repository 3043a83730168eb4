import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentedAnswers, openApiDocument } from './documented';
import { openApi, openWorker } from './gateway';
import { scratchDirectory } from './scratch';
import { freshDatabase } from './stores';
import { startUpstream, Upstream } from './upstream';

/** The callers of the test, by the scopes that each has. */
const KEYS = { all: ['jobs', 'admin'], jobs: ['jobs'], admin: ['admin'] } as const;
const keyOf = (name: string): string => `lh_documented_${name}`;

export interface Asked {
  readonly body?: unknown;
  /** In place of `body`: what is sent as it stands. */
  readonly raw?: string;
  /** Null = none. */
  readonly key?: keyof typeof KEYS | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** An API with keys, a worker and a scripted upstream, of which every answer is held against the document. */
export interface DocumentedApi {
  readonly answers: DocumentedAnswers;
  readonly upstream: Upstream;
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  close(): Promise<void>;
}

function keysFile(): string {
  const file = join(scratchDirectory('keys'), 'keys.json');
  const keys = Object.entries(KEYS).map(([name, scopes]) => {
    return { name, scopes, sha256: createHash('sha256').update(keyOf(name)).digest('hex') };
  });
  writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 });
  return file;
}

export async function openDocumentedApi(): Promise<DocumentedApi> {
  const answers = new DocumentedAnswers(openApiDocument());
  const upstream = await startUpstream();
  const env = {
    DATABASE_URL: (await freshDatabase()).url,
    SANDBOX_BASE_URL: upstream.url('sandbox'),
    OLLAMA_BASE_URL: upstream.url('ollama').replace('/v1', ''),
    LONGHAUL_API_KEYS_FILE: keysFile(),
    BODY_LIMIT_MB: '1',
    RETRY_BACKOFF_SECS: '0.05',
  };
  const { url } = await openApi(env);
  await openWorker(env);
  const ask: DocumentedApi['ask'] = async (method, path, asked = {}) => {
    const answer = await fetch(`${url}${path}`, requestOf(method, asked));
    const { status, headers } = answer;
    const text = await answer.text();
    const [place = ''] = path.split('?', 1);
    expect(answers.faultsOf({ method, path: place, status, headers, text })).toEqual([]);
    return { status, headers, text };
  };
  return { answers, upstream, ask, close: () => upstream.close() };
}

function requestOf(method: string, { body, raw, key = 'all', headers }: Asked): RequestInit {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${keyOf(key)}` }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  };
}
